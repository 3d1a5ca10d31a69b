/** The repository's Dockerfile, read by dockerfile-ast: its stages, with the settings of the container they make. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DockerfileParser, Env, JSONInstruction, type Instruction } from 'dockerfile-ast';

const DOCKERFILE = join(import.meta.dirname, '../../Dockerfile');

/** The instructions from one FROM to the next. */
export type Stage = readonly Instruction[];

/** @returns the stages in the file's order, each with its FROM first */
export function readStages(): readonly Stage[] {
  const stages: Instruction[][] = [];
  for (const instruction of DockerfileParser.parse(readFileSync(DOCKERFILE, 'utf8')).getInstructions()) {
    if (instruction.getKeyword() === 'FROM') stages.push([]);
    stages.at(-1)?.push(instruction);
  }
  return stages;
}

/** @returns the arguments of the last instruction with this keyword, which is the one that takes effect */
export function argumentsOf(stage: Stage, keyword: 'USER' | 'WORKDIR'): string {
  return last(stage, keyword).getArgumentsContent() ?? '';
}

/** @returns the words of an instruction that stands in its JSON form */
export function wordsOf(stage: Stage, keyword: 'CMD' | 'ENTRYPOINT'): readonly string[] {
  const instruction = last(stage, keyword);
  if (!(instruction instanceof JSONInstruction) || instruction.getOpeningBracket() === null)
    throw new Error(`the Dockerfile's ${keyword} is not in its JSON form, so it needs a shell`);
  return instruction.getJSONStrings().map((word) => word.getJSONValue());
}

/** @returns the variables of all ENV instructions */
export function environmentOf(stage: Stage): Readonly<Record<string, string>> {
  const properties = stage
    .filter((instruction) => instruction instanceof Env)
    .flatMap((instruction) => instruction.getProperties());
  return Object.fromEntries(properties.map((property) => [property.getName(), property.getValue() ?? '']));
}

function last(stage: Stage, keyword: string): Instruction {
  const found = stage.findLast((instruction) => instruction.getKeyword() === keyword);
  if (found === undefined) throw new Error(`the Dockerfile's stage has no ${keyword}`);
  return found;
}
