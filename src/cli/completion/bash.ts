import type { CommandShape, Operand } from './command-shape.ts';

/** A completion script for bash. */
export function toBash(commands: readonly CommandShape[]): string {
  const flags = commands.flatMap((command) => command.flags.map((flag) => ({ command, flag })));
  const cases = flags
    .filter(({ flag }) => flag.takes !== 'nothing')
    .map(({ command, flag }) => `    '${command.name} ${flag.name}') ${reply(flag.takes)}; return ;;`);
  const perCommand = commands.map(({ name, flags, takes }) => {
    const words = flags.map((flag) => flag.name).join(' ');
    return `    ${name}) case "$current" in -*) ${reply(words.split(' '))} ;; *) ${reply(takes)} ;; esac ;;`;
  });
  return `# bash completion of kube-x509-authn: source <(kube-x509-authn completion bash)
_kube_x509_authn() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}"
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    ${reply(commands.map(({ name }) => name))}
    return
  fi
  case "$command $previous" in
${cases.join('\n')}
  esac
  case "$command" in
${perCommand.join('\n')}
  esac
}
complete -F _kube_x509_authn kube-x509-authn
`;
}

function reply(takes: Operand): string {
  if (takes === 'nothing' || takes === 'word') return ':';
  if (takes === 'file') {
    return 'compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current")';
  }
  return `mapfile -t COMPREPLY < <(compgen -W '${takes.join(' ')}' -- "$current")`;
}
