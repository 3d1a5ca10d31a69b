/** A Helm template that nothing has rendered yet: its placeholders are values like any other where they stand in quotes. */

/** What KServe's own placeholders do not have. */
const PLACEHOLDER = /\{\{-?\s*(?:\$?\.(?:Values|Release|Chart)\b|include\b)/;

export const HELM_HINT = 'check what a Helm template makes, as in helm template CHART | headcount lint -';

/**
 * @param message of a denial, which cites the value that was found
 * @returns the fix, with a hint where the value is a placeholder of Helm
 */
export function withHelmHint(message: string, fix: string): string {
  return PLACEHOLDER.test(message) ? `${fix}; or ${HELM_HINT}` : fix;
}
