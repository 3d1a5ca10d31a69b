/** One service of an audit: a line, and below it what is drawn and listed only when it is opened. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AuditedService } from '../../cli/audit/page-data.ts';
import { topologySvg } from '../../cli/plan/svg/topology.ts';
import { visibleLine } from '../../lib/text.ts';
import { count } from '../../cli/shared/finding-text.ts';
import { FindingText } from '../parts/finding-text.tsx';
import { SIGNS } from '../parts/signs.ts';

const GRAVITY = ['deny', 'warn', 'note'] as const;
const NOUNS = { deny: 'denial', warn: 'warning', note: 'note' } as const;

export function Service({ service }: { readonly service: AuditedService }): JSX.Element {
  const { namespace, name, words, findings } = service;
  const [isOpen, setOpen] = useState(false);
  const gravest = GRAVITY.find((severity) => findings.some((finding) => finding.severity === severity));
  return (
    <details class="audited" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <span class={`sign ${gravest ?? 'fine'}`} aria-hidden="true">
          {gravest === undefined ? '✓' : SIGNS[gravest].sign}
        </span>
        <span class="name">{visibleLine(`${namespace}/${name}`)}</span>
        <span class="sizes">{words[0]}</span>
        <span class="counts">{countsText(service)}</span>
      </summary>
      {isOpen && <Body service={service} />}
    </details>
  );
}

function countsText({ findings }: AuditedService): string {
  const parts = GRAVITY.flatMap((severity) => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    return number === 0 ? [] : [count(number, NOUNS[severity])];
  });
  return parts.join(', ') || 'nothing found';
}

function Body({ service }: { readonly service: AuditedService }): JSX.Element {
  const { namespace, name, words, plan, storage, fit, findings } = service;
  const title = visibleLine(`${namespace}/${name}`);
  const id = `picture-${title.replaceAll(/[^a-z0-9-]/g, '-')}`;
  const caption = { id, title: `Pods and GPUs of ${title}`, description: words.join('. ') };
  return (
    <div class="body">
      {words.slice(1).map((line) => (
        <p key={line} class="quiet">
          {line}
        </p>
      ))}
      {/* The drawing escapes every text in it. */}
      {plan !== null && (
        <div class="picture" dangerouslySetInnerHTML={{ __html: topologySvg(plan, storage, fit, caption) }} />
      )}
      <ul>
        {findings.map(({ rule, severity, field, message, fix }, index) => (
          <li key={index} class={`finding ${severity}`} data-rule={rule}>
            <p class="head">
              <span class="severity">
                <span aria-hidden="true">{SIGNS[severity].sign}</span> {SIGNS[severity].word}
              </span>
              <span>{rule}</span>
            </p>
            <FindingText field={field} message={message} fix={fix} />
          </li>
        ))}
      </ul>
    </div>
  );
}
