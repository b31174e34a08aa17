import type { CommandShape, FlagShape, Operand } from './command-shape.ts';

const COMPLETE = 'complete -c kube-x509-authn';

/** A completion script for fish. */
export function toFish(commands: readonly CommandShape[]): string {
  const lines = commands.flatMap(({ name, description, flags, takes }) => {
    const seen = `${COMPLETE} -n '__fish_seen_subcommand_from ${name}'`;
    return [
      `${COMPLETE} -n __fish_use_subcommand -a ${name} -d ${quote(description)}`,
      ...flags.map((flag) => `${seen} ${toFlag(flag)}`),
      ...(takes === 'nothing' || takes === 'word' ? [] : [`${seen} ${argumentsOf(takes)}`]),
    ];
  });
  return `# fish completion of kube-x509-authn: kube-x509-authn completion fish | source
${COMPLETE} -f
${lines.join('\n')}
`;
}

function toFlag({ name, description, takes }: FlagShape): string {
  const flag = `-l ${name.slice(2)} -d ${quote(description)}`;
  if (takes === 'nothing') return flag;
  return takes === 'word' ? `${flag} -x` : `${flag} -r ${argumentsOf(takes)}`;
}

function argumentsOf(takes: Exclude<Operand, 'nothing' | 'word'>): string {
  return takes === 'file' ? '-F' : `-f -a ${quote(takes.join(' '))}`;
}

function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}
