/**
 * The report as SARIF 2.1.0. `§` are sections of that standard. Nothing in it tells the machine or the time,
 * so that the same input gives the same document.
 */
import { createHash } from 'node:crypto';
import { pageOf } from '../../config/docs-url.ts';
import { RULES } from '../../rules/index.ts';
import type { Rule, Severity } from '../../rules/rule.ts';
import { ruleHelp } from '../rule-help.ts';
import { versionNumber } from '../version.ts';
import { uriFromHere } from './paths.ts';
import { labelOf, type Format, type LintedObject, type LintFinding } from './report.ts';
import { SUPPRESS, UNKNOWN_SUPPRESSION } from './suppress.ts';
import { UNREADABLE } from '../shared/unreadable.ts';

const LEVELS: Readonly<Record<Severity, string>> = { deny: 'error', warn: 'warning', note: 'note' };

export const sarif: Format = async ({ objects, docsUrl }) => {
  const version = await versionNumber();
  const rules = [...(await Promise.all(RULES.map(async (rule) => ruleOf(rule, docsUrl)))), ...NO_RULES];
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  const identify = fingerprints();
  const results = objects.flatMap((object) =>
    object.findings.map((finding) => ({
      ruleId: finding.rule,
      ruleIndex: indexes.get(finding.rule),
      ...resultOf(object, finding),
      partialFingerprints: { 'headcountFinding/v1': identify(object, finding) },
    })),
  );
  const driver = { name: 'headcount', version, semanticVersion: version, rules };
  const document = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', results }],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
};

const NO_RULES = [
  descriptor(UNKNOWN_SUPPRESSION.id, UNKNOWN_SUPPRESSION.summary, {
    text: 'headcount explain lists the rules',
  }),
  descriptor(UNREADABLE.id, UNREADABLE.summary, {
    text: 'The other files are judged all the same, and the exit code is 2',
  }),
];

interface Descriptor {
  readonly id: string;
  readonly shortDescription: Text;
  /** GitHub refuses rules without these two. */
  readonly fullDescription: Text;
  readonly help: Text;
}

interface Text {
  readonly text: string;
  readonly markdown?: string;
}

function descriptor(id: string, summary: string, help: Text): Descriptor {
  const text = `${escaped(summary)}.`;
  return { id, shortDescription: { text }, fullDescription: { text: `${text} ${help.text}.` }, help };
}

async function ruleOf({ id, summary }: Rule, docsUrl: string): Promise<Descriptor & { helpUri: string }> {
  const markdown = escaped(await ruleHelp(id));
  const described = descriptor(id, summary, { text: `headcount explain ${id} says more`, markdown });
  return { ...described, helpUri: pageOf(docsUrl, id) };
}

function resultOf(object: LintedObject, finding: LintFinding): object {
  const { severity, field, message, fix, suppressed, place } = finding;
  const { line, column, endColumn } = place;
  const uri = uriFromHere(object.file);
  // §3.4.4: only a relative reference has a base.
  const artifactLocation = uri.startsWith('file:') ? { uri } : { uri, uriBaseId: '%SRCROOT%' };
  const region = { startLine: line, startColumn: column, endColumn };
  return {
    level: LEVELS[severity],
    message: { text: escaped(fix === '' ? `${message}.` : `${message}. Fix: ${fix}.`) },
    locations: [
      {
        physicalLocation: { artifactLocation, region },
        ...(object.part !== 'file' && { logicalLocations: [{ name: labelOf(object), kind: 'object' }] }),
      },
    ],
    // §3.27.23: either all results of a run have this property, or none.
    suppressions: suppressed ? [{ kind: 'inSource', justification: `The annotation ${SUPPRESS}.` }] : [],
    properties: { namespace: object.namespace, name: object.name, field, fix },
  };
}

/** §3.11.5: braces mark placeholders. §3.11.6: brackets make links, which a user's value must not become. */
function escaped(text: string): string {
  const braced = text.replaceAll(/[{}]/g, '$&$&');
  return braced.includes('](') ? braced.replaceAll('[', String.raw`\[`) : braced;
}

/**
 * @returns a function from a finding to an identity that stays the same in later runs: rule, object and field, but
 *   not line or message. A number tells apart findings of one file that agree in these
 */
function fingerprints(): (object: LintedObject, finding: LintFinding) => string {
  const seen = new Map<string, number>();
  return (object, { rule, field }) => {
    const identity = JSON.stringify([rule, labelOf(object), field]);
    const key = JSON.stringify([object.file, identity]);
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return `${createHash('sha256').update(identity).digest('hex').slice(0, 16)}:${count}`;
  };
}
