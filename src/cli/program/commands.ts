/** The commands, written out in the order in which the help lists them. */
import { audit } from '../audit/command.ts';
import { check } from '../check/command.ts';
import type { Entry } from '../shared/command.ts';
import { completion } from '../completion/command.ts';
import { explain } from '../explain/command.ts';
import { lint } from '../lint/command.ts';
import { page } from '../serve-page/command.ts';
import { plan } from '../plan/command.ts';
import { policy } from '../policy/command.ts';
import { render } from '../render/command.ts';
import { review } from '../review/command.ts';
import { serve } from '../serve/command.ts';
import { suggest } from '../suggest/command.ts';
import { version } from '../version/command.ts';

export const COMMANDS: readonly Entry[] = [
  plan,
  render,
  lint,
  suggest,
  page,
  explain,
  review,
  audit,
  check,
  policy,
  serve,
  completion,
  version,
];
