/** Namespaces by rules: how many findings of each rule a namespace has. A number is a button that filters by both. */
import type { JSX } from 'preact';
import type { AuditedService } from '../../cli/audit/page-data.ts';
import type { Severity } from '../../rules/rule.ts';
import { ALL, distinct, type Filter } from './filter.ts';

interface Props {
  readonly services: readonly AuditedService[];
  readonly filter: Filter;
  readonly choose: (filter: Filter) => void;
}

interface Cell {
  readonly count: number;
  /** Of the gravest of them. */
  readonly severity: Severity;
}

export function Matrix({ services, filter, choose }: Props): JSX.Element {
  const cells = cellsOf(services);
  const rules = distinct([...cells.keys()].map((key) => key.split(' ')[1] ?? ''));
  const namespaces = distinct(services.map(({ namespace }) => namespace));
  if (rules.length === 0) return <p class="quiet">No rule has anything to say.</p>;
  return (
    <section aria-labelledby="matrix">
      <h2 id="matrix">Namespaces by rules</h2>
      <div class="matrix" role="group" aria-label="Findings of each rule" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">namespace</th>
              {rules.map((rule) => (
                <th key={rule} scope="col">
                  <span>{rule}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {namespaces.map((namespace) => (
              <tr key={namespace}>
                <th scope="row">{namespace}</th>
                {rules.map((rule) => (
                  <Count
                    key={rule}
                    cell={cells.get(`${namespace} ${rule}`)}
                    name={`${rule} in ${namespace}`}
                    isChosen={filter.namespace === namespace && filter.rule === rule}
                    choose={() => choose({ ...ALL, namespace, rule })}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const GRAVITY: readonly Severity[] = ['deny', 'warn', 'note'];

/** By `namespace rule`, neither of which holds a blank. */
function cellsOf(services: readonly AuditedService[]): ReadonlyMap<string, Cell> {
  const cells = new Map<string, Cell>();
  for (const { namespace, findings } of services) {
    for (const { rule, severity } of findings) {
      const key = `${namespace} ${rule}`;
      const { count = 0, severity: other = severity } = cells.get(key) ?? {};
      const gravest = GRAVITY.find((one) => one === severity || one === other) ?? severity;
      cells.set(key, { count: count + 1, severity: gravest });
    }
  }
  return cells;
}

interface CountProps {
  readonly cell: Cell | undefined;
  readonly name: string;
  readonly isChosen: boolean;
  readonly choose: () => void;
}

function Count({ cell, name, isChosen, choose }: CountProps): JSX.Element {
  if (cell === undefined) return <td class="none">·</td>;
  return (
    <td>
      <button
        type="button"
        class={cell.severity}
        aria-pressed={isChosen}
        aria-label={`${cell.count} of ${name}`}
        onClick={choose}
      >
        {cell.count}
      </button>
    </td>
  );
}
