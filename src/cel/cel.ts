/**
 * Pieces of CEL that read JSON of any shape. An expression that fails would refuse an object in CEL's words, so
 * nothing here selects a field that may be absent, or uses a function that the type of the value may not have.
 */

/** The object as it comes, or as it is stored. */
export type Side = '' | 'Before';
export const SIDES: readonly Side[] = ['', 'Before'];

/** A variable of a ValidatingAdmissionPolicy: evaluated when first used, and once. */
export interface Variable {
  readonly name: string;
  readonly expression: string;
}

/** Longer values are cut, as in headcount's own messages. */
const LONGEST = 60;

export function variable(name: string, side: Side = ''): string {
  return `variables.${name}${side}`;
}

export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\')}'`;
}

export function listOf(texts: readonly string[]): string {
  return `[${texts.map(quoted).join(', ')}]`;
}

/** @returns the value of a map's key, null when absent; `map` must be a map */
export function get(map: string, key: string): string {
  return `${map}[?${quoted(key)}].orValue(dyn(null))`;
}

/** @returns the map at a map's key, an empty one for anything else */
export function mapAt(map: string, key: string): string {
  const value = get(map, key);
  return `(type(${value}) == map ? ${value} : {})`;
}

/** @returns the list at a map's key, an empty one for anything else */
export function listAt(map: string, key: string): string {
  const value = get(map, key);
  return `(type(${value}) == list ? ${value} : [])`;
}

/** @returns the text on one line, cut: values that look the same count as the same, as in headcount's ratcheting */
export function cut(text: string): string {
  return `(size(${text}) > ${LONGEST} ? ${text}.substring(0, ${LONGEST}) + '...' : ${text}).replace('\\n', ' ')`;
}

/** @param value an identifier */
export function shown(value: string): string {
  return (
    `(type(${value}) == string ? '"' + ${cut(value)} + '"' : ` +
    `type(${value}) == int || type(${value}) == double || type(${value}) == bool ? string(${value}) : 'of another type')`
  );
}

/**
 * @param lists a list of lists of texts without line ends
 * @returns their texts in one list; CEL of Kubernetes 1.30 has no other way
 */
export function flat(lists: string): string {
  return `${lists}.map(l, l.join('\\n')).join('\\n').split('\\n').filter(f, f != '')`;
}

/** @returns the items of a list that are maps, each with its field path; no list positions, as in ratcheting */
export function placed(list: string, at: string): string {
  return `${list}.filter(c, type(c) == map).map(c, {'at': dyn(${quoted(at)}), 'of': c})`;
}
