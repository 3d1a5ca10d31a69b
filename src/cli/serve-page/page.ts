/** `headcount page`: the planner's page on loopback, with the catalogue of this machine or of a cluster in it. */
import { once } from 'node:events';
import { addressOf, startProblem } from '../../server/address.ts';
import { StopSignals } from '../../server/signals.ts';
import type { Run } from '../shared/command.ts';
import { portOf } from '../shared/port.ts';
import { Refusal } from '../shared/refusal.ts';
import { pageFile, withData } from '../page-files.ts';
import { preloadedFor } from './preload.ts';
import { pageServer } from './server.ts';

const LOOPBACK = '127.0.0.1';

export const page: Run = async (given, { stdout, stderr }) => {
  const port = portOf(given, 'port') ?? 0;
  const preloaded = await preloadedFor(given);
  const [html, css, script, editor] = await Promise.all([
    pageFile('index.html'),
    pageFile('page.css'),
    pageFile('page.js'),
    pageFile('editor.js'),
  ]);
  const server = pageServer({
    '/': { type: 'text/html', text: preloaded === null ? html : withData(html, 'preloaded', preloaded) },
    '/page.css': { type: 'text/css', text: css },
    '/page.js': { type: 'text/javascript', text: script },
    '/editor.js': { type: 'text/javascript', text: editor },
  });
  const signals = new StopSignals(process);
  try {
    server.listen(port, LOOPBACK);
    await once(server, 'listening');
  } catch (error) {
    signals.forget();
    throw new Refusal(startProblem(error, '--port'));
  }
  stdout.write(`http://${addressOf(server)}/\n`);
  if (preloaded !== null) {
    stderr.write(`headcount: ${preloaded.objects.length} objects of ${preloaded.from} are in the page\n`);
  }
  await signals.first;
  signals.forget();
  server.closeAllConnections();
  server.close();
  return 0;
};
