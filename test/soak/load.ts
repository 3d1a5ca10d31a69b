/** The requests of a soak, and the answers that are right in any state of the API server. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Headcount } from '../e2e/cluster/headcount.ts';
import { gpus, multiNode } from '../e2e/world.ts';
import { words } from '../hostile/observe.ts';
import { bodyOf } from '../hostile/reviews.ts';
import { post, Wire } from '../hostile/wire.ts';
import type { Loose } from '../rules/cases.ts';

/** Each at a time, as an answer that begins so. */
const QUESTIONS: readonly { readonly object: Loose; readonly right: RegExp }[] = [
  { object: multiNode('good'), right: /^allowed/ },
  {
    object: multiNode('too-few', ({ spec }) => {
      spec.predictor.model.resources = gpus(1);
      spec.predictor.workerSpec.containers[0].resources = gpus(2);
    }),
    right: /^denied 422 \(gpu-capacity/,
  },
  // Missing is an answer only of an API server that was asked; until then it is a retry.
  {
    object: multiNode('unknown', ({ spec }) => (spec.predictor.model.runtime = 'nowhere')),
    right: /^denied (422 \(runtime|50[34])/,
  },
];

export class SoakLoad {
  asked = 0;
  /** Each wrong or missing answer, in words. */
  readonly wrong: string[] = [];
  readonly #headcount: Headcount;
  #running = true;

  constructor(headcount: Headcount) {
    this.#headcount = headcount;
  }

  /** Asks on one connection that is kept, and made anew now and then, so that the certificate is seen. */
  async run(perSecond: number): Promise<void> {
    const port = Number(new URL(this.#headcount.url).port);
    let wire = await Wire.connect(port);
    while (this.#running) {
      if (wire.closed || this.asked % 50 === 0) {
        wire.destroy();
        wire = await Wire.connect(port);
      }
      const { object, right } = QUESTIONS[this.asked % QUESTIONS.length] ?? { object: null, right: /^$/ };
      wire.send(post('/validate?timeout=5s', bodyOf(object, { uid: `soak-${this.asked++}` })));
      const reply = await wire.next();
      const answer = reply === null ? 'closed' : words(reply);
      if (!right.test(answer)) this.wrong.push(`${object.metadata.name}: ${answer}`);
      await sleep(1_000 / perSecond);
    }
    wire.destroy();
  }

  stop(): void {
    this.#running = false;
  }
}
