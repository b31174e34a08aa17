import type { Dockerfile, Instruction, Stage } from './dockerfile.ts';

/**
 * What is wrong with a Dockerfile beside its syntax, which dockerfile-utils checks: users, versions, secrets, npm's flags, and stages that COPY
 * names. hadolint, which knows of some of them, is in neither npm's registry nor Debian's.
 */
export function lintDockerfile({ stages }: Dockerfile): readonly string[] {
  const image = stages.at(-1);
  if (image === undefined) return ['no stage'];
  return [...stages.flatMap(lintStage), ...lintCopies(stages), ...lintImage(image)];
}

const KNOWN = new Set(['ARG', 'CMD', 'COPY', 'ENTRYPOINT', 'ENV', 'LABEL', 'RUN', 'USER', 'WORKDIR']);

function lintStage({ base, instructions }: Stage): readonly string[] {
  const isPinned = /:[\w.-]*\d[\w.-]*$/.test(base);
  return [...(isPinned ? [] : [`FROM ${base}: give a version`]), ...instructions.flatMap(lintInstruction)];
}

function lintInstruction({ name, flags, rest }: Instruction): readonly string[] {
  if (!KNOWN.has(name)) return [`${name}: not used here`];
  if (name === 'ENV' && /(?:KEY|TOKEN|SECRET|PASSWORD)/i.test(rest)) return [`ENV ${rest}: a secret?`];
  if (name === 'COPY' && flags.some((flag) => flag.startsWith('--chmod=777')))
    return ['COPY: for anybody to write'];
  if ((name === 'ENTRYPOINT' || name === 'CMD') && !isStringList(rest)) return [`${name}: use the JSON form`];
  return name === 'RUN' ? lintCommand(rest) : [];
}

function lintCommand(command: string): readonly string[] {
  const faults: string[] = [];
  if (/\bnpm (?:i|install|update)\b/.test(command)) faults.push('RUN: npm ci takes what the lock file says');
  if (/\bnpm ci\b/.test(command) && !command.includes('--ignore-scripts'))
    faults.push("RUN: npm ci without --ignore-scripts runs packages' scripts");
  if (/\b(?:sudo|curl|wget)\b/.test(command)) faults.push(`RUN ${command}: sudo, or a download`);
  return faults;
}

function lintCopies(stages: readonly Stage[]): readonly string[] {
  return stages.flatMap(({ instructions }, index) => {
    const earlier = new Set(stages.slice(0, index).map(({ name }) => name));
    return instructions
      .filter(({ name }) => name === 'COPY')
      .flatMap(({ flags }) => flags.flatMap((flag) => /^--from=(.*)$/.exec(flag)?.[1] ?? []))
      .filter((from) => !earlier.has(from))
      .map((from) => `COPY --from=${from}: no such stage before it`);
  });
}

function lintImage({ instructions }: Stage): readonly string[] {
  const last = (wanted: string): string | undefined =>
    instructions.findLast(({ name }) => name === wanted)?.rest;
  const user = last('USER');
  const faults: string[] = [];
  if (user === undefined || !/^[1-9]\d*:[1-9]\d*$/.test(user))
    faults.push('USER: not a number other than root');
  if (last('ENTRYPOINT') === undefined) faults.push('ENTRYPOINT: missing');
  const afterUser = instructions.slice(instructions.findLastIndex(({ name }) => name === 'USER') + 1);
  if (afterUser.some(({ name }) => name === 'COPY' || name === 'RUN'))
    faults.push('USER: something is made after it');
  return faults;
}

function isStringList(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === 'string');
  } catch {
    return false;
  }
}
