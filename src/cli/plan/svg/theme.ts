/**
 * The style sheet of the picture: light, or dark if the page or the system is dark. Texts have a contrast of at least
 * 4.5 to 1 with their background (WCAG 2, AA), and cells of at least 3 to 1. Colour is never the only sign. No colour
 * has two meanings: stages are blue and green, denials red, warnings amber, everything else ink and greys. People with
 * the common kinds of colour blindness can tell the four colours apart.
 */
import { FONT_SIZES } from './shapes.ts';

const FONT = 'ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace';

export interface Colours {
  readonly page: string;
  readonly text: string;
  readonly quiet: string;
  readonly deny: string;
  readonly warn: string;
  readonly pod: string;
  readonly podLine: string;
  readonly even: string;
  readonly evenBand: string;
  readonly odd: string;
  readonly oddBand: string;
  readonly rank: string;
  readonly line: string;
}

export const LIGHT: Colours = {
  page: '#ffffff',
  text: '#1f2328',
  quiet: '#57606a',
  deny: '#b31039',
  warn: '#8a5300',
  pod: '#f6f8fa',
  podLine: '#868e96',
  even: '#0b57b0',
  evenBand: '#d3e5fb',
  odd: '#007a63',
  oddBand: '#cdeee4',
  rank: '#ffffff',
  line: '#6e7781',
};

export const DARK: Colours = {
  page: '#0d1117',
  text: '#e6edf3',
  quiet: '#9aa4af',
  deny: '#ff7a6b',
  warn: '#f0c040',
  pod: '#161b22',
  podLine: '#6e7681',
  even: '#4f9dff',
  evenBand: '#14304f',
  odd: '#2ee6b6',
  oddBand: '#0d3d33',
  rank: '#0d1117',
  line: '#8b949e',
};

/** The class of the svg element, so that the styles match nothing else in a page with an inline picture. */
export const ROOT_CLASS = 'headcount-plan';

export function styleSheet(): string {
  const fonts = Object.entries(FONT_SIZES).map(([style, size]): Rule => [`.${style}`, `font-size:${size}px`]);
  return [
    ...written([
      ['text', `font-family:${FONT}`],
      ...fonts,
      ['.title', 'font-weight:bold'],
      ['.idle,.waits', 'stroke-dasharray:3 2'],
      ['.head', 'stroke-width:2'],
      ...colouring(LIGHT),
    ]),
    '@media (prefers-color-scheme:dark){',
    ...written(colouring(DARK)),
    '}',
  ].join('\n');
}

/** Selectors, with a comma between them, and a declaration. */
type Rule = readonly [string, string];

function written(rules: readonly Rule[]): readonly string[] {
  return rules.map(([selectors, declaration]) => {
    const scoped = selectors.split(',').map((selector) => `.${ROOT_CLASS} ${selector}`);
    return `${scoped.join(',')}{${declaration}}`;
  });
}

function colouring(colours: Colours): readonly Rule[] {
  return [
    ['.page', `fill:${colours.page}`],
    ['.title,.words,.label', `fill:${colours.text}`],
    ['.quiet', `fill:${colours.quiet}`],
    ['.deny', `fill:${colours.deny}`],
    ['.warn', `fill:${colours.warn}`],
    ['.head,.worker', `fill:${colours.pod}`],
    ['.worker', `stroke:${colours.podLine}`],
    ['.head', `stroke:${colours.text}`],
    ['.gpu.even', `fill:${colours.even}`],
    ['.gpu.odd', `fill:${colours.odd}`],
    ['.band.even', `fill:${colours.evenBand}`],
    ['.band.odd', `fill:${colours.oddBand}`],
    ['.gpu.idle', `fill:none;stroke:${colours.line}`],
    ['.rank', `fill:${colours.rank}`],
    ['.model', `fill:${colours.pod};stroke:${colours.line}`],
    ['.bar', `fill:${colours.text}`],
    ['.frame', `fill:none;stroke:${colours.line}`],
    ['.frame.waits', `stroke:${colours.warn}`],
  ];
}
