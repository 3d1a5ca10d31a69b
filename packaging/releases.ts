/** The tables of KServe's releases in README.md and docs/kserve.md, made from src/kserve/releases.ts. */
import {
  DEFAULT_RELEASE,
  DIFFERENCES,
  has,
  modesOf,
  OLDEST,
  RELEASE_NAMES,
  releaseNamed,
  TESTED,
  type Feature,
  type Release,
  type ReleaseName,
} from '../src/kserve/releases.ts';

const OLDEST_MINOR = Number(OLDEST.split('.')[1]);

/** @returns a page with the table between its two marks replaced */
export function withTable(page: string, mark: string, table: string): string {
  const marked = new RegExp(`(<!-- ${mark} -->\n)[^]*?(<!-- /${mark} -->)`);
  if (!marked.test(page)) throw new Error(`the page has no ${mark}`);
  return page.replace(marked, (_all, begin: string, end: string) => `${begin}\n${table}\n\n${end}`);
}

/** One row for each release: what headcount does for it, and how that was tested. */
export function compatibility(): string {
  return [
    '| KServe | mode | autoscaler class | back ends | `oci://` | workers | tested |',
    '|---|---|---|---|---|---|---|',
    ...RELEASE_NAMES.map(releaseRow),
  ].join('\n');
}

function releaseRow(name: ReleaseName): string {
  const release = releaseNamed(name);
  const cells = [
    title(release),
    `\`${modesOf(release).mode}\``,
    release.autoscalerClasses.map((given) => `\`${given}\``).join(' or '),
    has(release, 'mp') ? 'Ray, mp' : 'Ray',
    oci(release),
    has(release, 'deletesWorkers') ? 'deleted (kserve/kserve#6113)' : 'stay',
    TESTED[name],
  ];
  return `| ${cells.join(' | ')} |`;
}

function title({ name, minor }: Release): string {
  if (name === 'odh') return `\`odh\`, as 0.${minor}`;
  if (name === DEFAULT_RELEASE.name) return `${name}, the default`;
  return minor === OLDEST_MINOR ? `${name}, from ${OLDEST} on` : name;
}

function oci(release: Release): string {
  if (release.name === 'odh') return 'yes';
  return has(release, 'oci') ? 'by configuration' : 'no';
}

/** One row for each difference between the releases. */
export function differences(): string {
  const rows = Object.keys(DIFFERENCES).map((feature) => {
    const { since, what, effect, source } = DIFFERENCES[feature as Feature];
    const first = since === OLDEST_MINOR ? OLDEST : `0.${since}`;
    return `| ${what} | ${first} | ${effect} | ${source} |`;
  });
  return ['| what | since | what it changes | read in |', '|---|---|---|---|', ...rows].join('\n');
}
