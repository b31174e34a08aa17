/** One instruction of a Dockerfile: its name in capitals, its flags and the rest, lines joined. */
export interface Instruction {
  readonly name: string;
  readonly flags: readonly string[];
  readonly rest: string;
}

/** One stage: what it begins with, its name where it has one, and its instructions. */
export interface Stage {
  readonly base: string;
  readonly name?: string;
  readonly instructions: readonly Instruction[];
}

/** A Dockerfile: the arguments before its first stage, and its stages; the last one is the image. */
export interface Dockerfile {
  readonly args: ReadonlyMap<string, string>;
  readonly stages: readonly Stage[];
}

const INSTRUCTION = /^(\w+)\s+((?:--\S+\s+)*)(.*)$/s;

/** Reads the part of the format that ours uses: comments, joined lines, flags, no here-documents, no parser directives. */
export function parseDockerfile(text: string): Dockerfile {
  const args = new Map<string, string>();
  const stages: { base: string; name?: string; instructions: Instruction[] }[] = [];
  const joined = text.replaceAll(/^\s*#.*\n/gm, '').replaceAll(/\\\n\s*/g, '');
  for (const line of joined.split('\n').filter((line) => line.trim() !== '')) {
    const [, name = '', flags = '', rest = ''] = INSTRUCTION.exec(line) ?? [];
    const instruction = { name: name.toUpperCase(), flags: flags.split(/\s+/).filter(Boolean), rest };
    const stage = stages.at(-1);
    if (instruction.name === 'FROM') stages.push(toStage(rest, args));
    else if (stage !== undefined) stage.instructions.push(instruction);
    else if (instruction.name === 'ARG') args.set(...toArgument(rest));
    else throw new Error(`before the first FROM: ${line}`);
  }
  return { args, stages };
}

function toStage(
  rest: string,
  args: ReadonlyMap<string, string>,
): { base: string; name?: string; instructions: Instruction[] } {
  const [base = '', as, name] = rest.split(/\s+/);
  const resolved = base.replaceAll(/\$\{(\w+)\}/g, (_, arg: string) => args.get(arg) ?? '');
  return {
    base: resolved,
    instructions: [],
    ...(as?.toUpperCase() === 'AS' && name !== undefined && { name }),
  };
}

function toArgument(rest: string): [string, string] {
  const [name = '', ...value] = rest.split('=');
  return [name, value.join('=')];
}
