/**
 * The list as a page, docs/hostile-input.md. `node test/hostile/page.ts` writes it; the test of the list fails
 * while the two differ.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENVELOPE } from './envelope.ts';
import { ENVIRONMENT } from './environment.ts';
import { HTTP } from './http.ts';
import { OBJECTS } from './objects.ts';
import { TLS } from './tls.ts';

export const PAGE = join(import.meta.dirname, '../../docs/hostile-input.md');

interface Part {
  readonly title: string;
  readonly about: string;
  readonly rows: readonly { readonly what: string; readonly answer: string }[];
}

const PARTS: readonly Part[] = [
  {
    title: 'HTTP',
    about: 'Bytes on a TLS connection to the webhook port, where "a review" is one that is allowed.',
    rows: HTTP,
  },
  { title: 'TLS', about: 'What a handshake ends with.', rows: TLS },
  {
    title: 'Envelope',
    about: 'The body of a `POST /validate`. HTTP 4xx only where no `request.uid` can be read.',
    rows: ENVELOPE,
  },
  {
    title: 'Objects',
    about:
      'One change to a service that is fine, asked at `/mutate`; the last rows are runtimes at `/validate`. What no rule ' +
      "objects to is allowed here, and left to the schema of KServe's CRDs.",
    rows: OBJECTS,
  },
  {
    title: 'Environment',
    about: 'What `headcount serve` does when it is started with it.',
    rows: ENVIRONMENT,
  },
];

const INTRODUCTION = `# Hostile input

What headcount makes of input that no API server sends, and of the worst that one does. The list is data in
\`test/hostile\`; \`npm test -- hostile\` sends each row to the real process and compares the answer. This page is printed
from it (\`node test/hostile/page.ts\`).

\`denied\` and \`allowed\` are HTTP 200 with an AdmissionReview that carries the uid; the number is the code of its
status, the words in brackets are the rules. \`closed\` is a connection that ends without an answer.`;

const GROWTH = `## Growth

What a review costs is in proportion to its size, whatever it says. \`npm run growth\` takes the schemas of KServe's CRDs and
fills each string, list and map of an InferenceService and of the runtimes with 16 KB to 1.5 MB, or 16,000 entries: alone;
updated from another; resources beside the annotation that lists them; beside last-applied-configuration and our record;
and in a stored runtime that a small service names. It fails where

- a review takes more than 120 ms of processor time for each megabyte and 60 ms,
- /healthz takes more than 250 ms meanwhile, or the next small review more than 10 ms,
- the process holds more memory than the pod has, or ends,
- the cost grows faster than n log n.

\`.ci/run\` does this with the fields that headcount reads.`;

export function page(): string {
  const parts = PARTS.map(({ title, about, rows }) => {
    const lines = rows.map(({ what, answer }) => `- ${escaped(what)}: \`${answer}\``);
    return `## ${title}\n\n${about}\n\n${lines.join('\n')}`;
  });
  return `${[INTRODUCTION, ...parts, GROWTH].join('\n\n')}\n`;
}

/** Characters that would be Markdown. */
function escaped(text: string): string {
  return text.replaceAll(/[<>*_[\]`\\]/g, '\\$&');
}

if (process.argv[1] === import.meta.filename) writeFileSync(PAGE, page());
