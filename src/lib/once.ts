/** Answers that are computed once for each object, kept as long as it lives, and forgotten with it. */

/**
 * @param compute of the object alone: an answer that depends on more must not be kept
 * @returns what `compute` returns, computed at the first call for each object
 */
export function oncePer<Subject extends object, Answer>(
  compute: (subject: Subject) => Answer,
): (subject: Subject) => Answer {
  const kept = new WeakMap<Subject, { readonly answer: Answer }>();
  return (subject) => {
    const known = kept.get(subject);
    if (known !== undefined) return known.answer;
    const answer = compute(subject);
    kept.set(subject, { answer });
    return answer;
  };
}
