/**
 * Checks that the image starts and serves: its files, its command, its user and its environment, with a root
 * directory that can't be written, and without a container engine. Needs Linux, and root to change the root directory.
 * Run: npm run image:check
 */
import { rmSync } from 'node:fs';
import { checkCommands, checkFiles, checkLoaded } from './check-commands.ts';
import { checkServer } from './check-server.ts';
import { makeImage } from './files.ts';

if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  console.error('image:check needs Linux and root: it changes the root directory. Nothing was checked.');
  process.exit(2);
}

let failures = 0;
const image = makeImage();
try {
  for (const check of [checkFiles, checkCommands, checkLoaded, checkServer]) {
    for await (const [what, holds, detail = ''] of check(image)) {
      if (!holds) failures += 1;
      console.log(`${holds ? 'ok   ' : 'FAIL '} ${what}${detail === '' ? '' : `: ${detail}`}`);
    }
  }
} finally {
  rmSync(image.root, { recursive: true });
}
console.log(failures === 0 ? 'the image starts and serves' : `${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;
