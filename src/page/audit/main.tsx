/** The page of an audit: its data is in it, written there by `headcount audit -o html`. */
import { render } from 'preact';
import type { AuditPage } from '../../cli/audit/page-data.ts';
import { Audit } from './audit.tsx';

const data = JSON.parse(document.getElementById('audit')?.textContent ?? 'null') as AuditPage | null;

render(
  <Audit
    page={data ?? { release: 'this page has no data: headcount audit -o html=FILE writes it', services: [] }}
  />,
  document.getElementById('page') ?? document.body,
);
