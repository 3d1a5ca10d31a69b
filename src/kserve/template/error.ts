/**
 * Errors that stop the reading of a template. As in Go's own parser, they are thrown only inside src/kserve/template.
 * template.ts catches them and returns an answer, because an invalid template is not a bug.
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
