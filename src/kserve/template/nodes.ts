/** A template as it is parsed: Go's nodes (parse/node.go), with what an answer depends on and no more. */

export interface Pipeline {
  readonly type: 'pipeline';
  readonly at: number;
  /** Names of the variables that it declares or assigns, with the dollar. */
  readonly variables: readonly string[];
  readonly isAssignment: boolean;
  readonly commands: readonly Command[];
}

export interface Command {
  readonly at: number;
  /** The first is what is evaluated, with the others as arguments. */
  readonly operands: readonly Operand[];
}

export type Operand =
  | { readonly type: 'dot' | 'nil' | 'constant'; readonly at: number }
  | { readonly type: 'bool'; readonly at: number; readonly value: boolean }
  | { readonly type: 'integer'; readonly at: number }
  | { readonly type: 'string'; readonly at: number; readonly text: string }
  | { readonly type: 'function'; readonly at: number; readonly name: string }
  | { readonly type: 'field'; readonly at: number; readonly path: readonly string[] }
  | {
      readonly type: 'variable';
      readonly at: number;
      readonly name: string;
      readonly path: readonly string[];
    }
  | { readonly type: 'chain'; readonly at: number; readonly of: Operand; readonly path: readonly string[] }
  | Pipeline;

export type Statement =
  | { readonly type: 'action'; readonly at: number; readonly pipeline: Pipeline }
  | { readonly type: 'break' | 'continue'; readonly at: number }
  | {
      readonly type: 'template';
      readonly at: number;
      readonly name: string;
      readonly pipeline: Pipeline | null;
    }
  | Control;

export interface Control {
  readonly type: 'if' | 'range' | 'with';
  readonly at: number;
  readonly pipeline: Pipeline;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[] | null;
}

export interface Program {
  readonly statements: readonly Statement[];
  /** Names of the templates that it defines. */
  readonly defined: ReadonlySet<string>;
}
