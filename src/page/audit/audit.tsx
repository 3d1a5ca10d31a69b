/** The whole page: totals, the table of namespaces by rules, the filter, and the services that it lets through. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AuditPage } from '../../cli/audit/page-data.ts';
import { count } from '../../cli/shared/finding-text.ts';
import { Logo } from '../parts/logo.tsx';
import { ALL, distinct, matching, type Filter } from './filter.ts';
import { Matrix } from './matrix.tsx';
import { Service } from './service.tsx';
import { Totals } from './totals.tsx';

const SEVERITIES = [
  ['deny', 'denied'],
  ['warn', 'warned of'],
  ['note', 'noted'],
] as const;

export function Audit({ page }: { readonly page: AuditPage }): JSX.Element {
  const { services, release } = page;
  const [filter, setFilter] = useState(ALL);
  const shown = matching(services, filter);
  const set = (part: Partial<Filter>): void => setFilter({ ...filter, ...part });
  return (
    <>
      <header>
        <h1>
          <Logo />
          headcount audit
          <span class="tagline">{release}</span>
        </h1>
      </header>
      <main>
        <Totals services={services} />
        <Matrix services={services} filter={filter} choose={set} />
        <section aria-labelledby="services">
          <h2 id="services">Services</h2>
          <div class="filter" role="search" aria-label="Services">
            <label>
              Name
              <input
                type="search"
                value={filter.text}
                placeholder="namespace/name"
                onInput={({ currentTarget }) => set({ text: currentTarget.value })}
              />
            </label>
            <Choice
              name="Namespace"
              value={filter.namespace}
              choices={distinct(services.map(({ namespace }) => namespace)).map((name) => [name, name])}
              choose={(namespace) => set({ namespace })}
            />
            <Choice
              name="Rule"
              value={filter.rule}
              choices={distinct(services.flatMap(({ findings }) => findings.map(({ rule }) => rule))).map(
                (id) => [id, id],
              )}
              choose={(rule) => set({ rule })}
            />
            <Choice
              name="Severity"
              value={filter.severity}
              choices={SEVERITIES}
              choose={(severity) => set({ severity })}
            />
            <button type="button" onClick={() => setFilter(ALL)}>
              Show all
            </button>
            <p role="status" class="quiet">
              {shown.length} of {count(services.length, 'service')}
            </p>
          </div>
          {shown.map((service) => (
            <Service key={`${service.namespace}/${service.name}`} service={service} />
          ))}
        </section>
      </main>
    </>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly value: string;
  readonly choices: readonly (readonly [value: string, words: string])[];
  readonly choose: (value: string) => void;
}

function Choice({ name, value, choices, choose }: ChoiceProps): JSX.Element {
  return (
    <label>
      {name}
      <select value={value} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        <option value="">all</option>
        {choices.map(([choice, words]) => (
          <option key={choice} value={choice}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}
