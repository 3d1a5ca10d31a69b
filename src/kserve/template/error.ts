/**
 * How the reading of a template ends early. Thrown within src/kserve/template only, as in Go's own parser, and made
 * into an answer at its edge (template.ts): a template that fails is no bug.
 */
export class TemplateError extends Error {
  /** Where in the template. */
  readonly at: number;

  constructor(reason: string, at: number) {
    super(reason);
    this.at = at;
  }
}

/** The template is too deep, or asks for something that headcount does not follow: nothing is known of it. */
export class NotFollowed extends Error {}
