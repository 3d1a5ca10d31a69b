/**
 * A service as it is committed to Git: what a create would store, but without our record and without env that contains
 * the generation, which only the API server knows. When it is applied to a cluster with headcount, headcount adds both.
 */
import { readProvenance } from './record.ts';
import { restored } from './removals.ts';
import { asObject } from '../lib/json.ts';

/** Env whose value ends in metadata.generation. */
const OF_A_GENERATION: readonly string[] = ['HEAD_SVC', 'WORKER_SVC'];

/**
 * @param stored what headcount would store; the author's own values of those env stay
 * @returns the object as its author may commit it; the same one where headcount has written nothing
 */
export function asCommitted(stored: unknown): unknown {
  const service = asObject(stored);
  const provenance = readProvenance(service);
  if (service === null || provenance === null) return stored;
  const removals = provenance.entries.filter(
    ({ slot }) => slot.at === 'env' && OF_A_GENERATION.includes(slot.key),
  );
  const lists = provenance.made.filter((parent) => parent.endsWith('.env'));
  return restored(service, removals, lists);
}
