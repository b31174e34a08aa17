import type { CommandShape, FlagShape, Operand } from './command-shape.ts';

/** A completion script for zsh. */
export function toZsh(commands: readonly CommandShape[]): string {
  const described = commands.map(({ name, description }) => `    ${quote(`${name}:${escape(description)}`)}`);
  const cases = commands.map(({ name, flags, takes }) => {
    const specs = [
      ...flags.map(toSpec),
      ...(takes === 'nothing' ? [] : [quote(`*${action('argument', takes)}`)]),
    ];
    return `    ${name}) _arguments ${specs.map((spec) => `\\\n      ${spec}`).join(' ')} ;;`;
  });
  return `#compdef kube-x509-authn
# zsh completion of kube-x509-authn: source <(kube-x509-authn completion zsh), or as _kube-x509-authn in a directory of $fpath
_kube-x509-authn() {
  local -a commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _kube-x509-authn ]; then _kube-x509-authn "$@"; else compdef _kube-x509-authn kube-x509-authn; fi
`;
}

function toSpec({ name, description, takes }: FlagShape): string {
  return quote(`*${name}[${escape(description)}]${takes === 'nothing' ? '' : action('value', takes)}`);
}

function action(message: string, takes: Operand): string {
  if (takes === 'file') return `:${message}:_files`;
  return typeof takes === 'string' ? `:${message}: ` : `:${message}:(${takes.join(' ')})`;
}

/** What has a meaning of its own within a spec. */
function escape(text: string): string {
  return text.replaceAll(/[\\[\]:]/g, '\\$&');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
