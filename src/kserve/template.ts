/**
 * Does a template of Go's text/template execute over a service's metadata? KServe executes the head's container as
 * such a template (docs/kserve.md, Merge of service and runtime). If that fails, nothing is deployed.
 */
import { NotFollowed, TemplateError } from './template/error.ts';
import { follow } from './template/execution.ts';
import { parseTemplate } from './template/parser.ts';
import type { KnownMetadata } from './template/values.ts';

export type { KnownMetadata };

export type TemplateAnswer =
  /** `printed`: the known texts that it surely prints. */
  | { readonly answer: 'executes' | 'unknown'; readonly printed: readonly string[] }
  /** `at`: where in the template the reason stands. */
  | { readonly answer: 'fails'; readonly reason: string; readonly at: number };

/** @returns whether it surely fails, surely executes, or neither is known; in time in proportion to its length */
export function checkTemplate(template: string, known: KnownMetadata): TemplateAnswer {
  try {
    const { isSure, printed } = follow(parseTemplate(template), known);
    return { answer: isSure ? 'executes' : 'unknown', printed };
  } catch (error) {
    if (error instanceof TemplateError) return { answer: 'fails', reason: error.message, at: error.at };
    if (error instanceof NotFollowed) return { answer: 'unknown', printed: [] };
    throw error;
  }
}
