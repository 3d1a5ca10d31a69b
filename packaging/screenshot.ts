/**
 * The pictures of the planner on the README's first screen, light and dark: a real Chromium opens the built page with one
 * example. Run: npm run page:screenshot
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PNG } from 'pngjs';
import { launch } from '../test/support/chromium.ts';
import { PAGE } from './page.ts';

const DOCS = join(import.meta.dirname, '../docs');
const EXAMPLE = 'too-few-gpus';
const VIEWPORT = { width: 1160, height: 720 };
/** Of pngjs. */
const RGB = 2;
/** They are in Git, and the README loads one of them. */
const MOST_BYTES = 150_000;

const browser = await launch();
for (const colorScheme of ['light', 'dark'] as const) {
  const page = await browser.newPage({ viewport: VIEWPORT, colorScheme });
  await page.goto(`${pathToFileURL(join(PAGE, 'index.html')).href}?example=${EXAMPLE}`);
  await page.locator('.cm-lint-marker-error').waitFor();
  const path = join(DOCS, `page-${colorScheme}.png`);
  const picture = smaller(await page.screenshot());
  writeFileSync(path, picture);
  console.log(`docs/page-${colorScheme}.png: ${Math.round(picture.length / 1000)} KB`);
  if (picture.length > MOST_BYTES) throw new Error(`${path} is larger than ${MOST_BYTES / 1000} KB`);
}
await browser.close();

/** The same picture, without an alpha channel and as small as deflate makes it: browsers write it fast. */
function smaller(picture: Buffer): Buffer {
  return PNG.sync.write(PNG.sync.read(picture), {
    colorType: RGB,
    deflateLevel: 9,
    deflateStrategy: 0,
    filterType: 0,
  });
}
