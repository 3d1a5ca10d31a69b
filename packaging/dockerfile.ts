/** Reads a Dockerfile, as far as ours goes: stages, and instructions in order. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** @returns the stages, each with its FROM first */
export function stagesOf(dockerfile: string): readonly (readonly Instruction[])[] {
  const stages: Instruction[][] = [];
  const lines = dockerfile
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n');
  for (const line of lines) {
    const [, name, text = ''] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (name === undefined) continue;
    if (name === 'FROM') stages.push([]);
    stages.at(-1)?.push({ name, text });
  }
  return stages;
}

/** @returns the texts of all instructions of a name */
export function all(stage: readonly Instruction[], name: string): readonly string[] {
  return stage.filter((instruction) => instruction.name === name).map(({ text }) => text);
}

/** @returns the last such text: the one that counts */
export function last(stage: readonly Instruction[], name: string): string {
  const text = all(stage, name).at(-1);
  if (text === undefined) throw new Error(`the Dockerfile's stage has no ${name}`);
  return text;
}

/** ENV as an object. */
export function environment(stage: readonly Instruction[]): Readonly<Record<string, string>> {
  const pairs = all(stage, 'ENV').flatMap((text) => [...text.matchAll(/(\w+)=(\S+)/g)]);
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value]));
}
