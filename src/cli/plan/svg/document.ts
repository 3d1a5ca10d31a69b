/** A block as an SVG document: with a title and a description for screen readers, and its own style sheet. */
import { element, escaped } from '../../shared/xml.ts';
import { placed, rect, type Block } from './shapes.ts';
import { ROOT_CLASS, styleSheet } from './theme.ts';

const MARGIN = 20;

export interface Caption {
  /** The beginning of the ids of title and description: of its own in a page with several pictures. */
  readonly id: string;
  readonly title: string;
  /** All that the picture says. */
  readonly description: string;
}

/** @param margin pixels around the block */
export function documentOf(
  block: Block,
  { id, title, description }: Caption,
  margin: number = MARGIN,
): string {
  const [width, height] = [block.width + 2 * margin, block.height + 2 * margin];
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    class: ROOT_CLASS,
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'aria-labelledby': `${id}-title ${id}-description`,
  };
  return element(
    'svg',
    attributes,
    [
      '\n',
      element('title', { id: `${id}-title` }, escaped(title)),
      element('desc', { id: `${id}-description` }, escaped(description)),
      element('style', {}, escaped(styleSheet())),
      rect({ x: 0, y: 0, width, height }, 'page', '', 0),
      placed(block, margin, margin),
    ].join(''),
  );
}
