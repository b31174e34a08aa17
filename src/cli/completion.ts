import { Argument, Command } from 'commander';
import { toBash } from './completion/bash.ts';
import { shapeOf } from './completion/command-shape.ts';
import { toFish } from './completion/fish.ts';
import { toZsh } from './completion/zsh.ts';

const SCRIPTS = { bash: toBash, zsh: toZsh, fish: toFish } as const;

type Shell = keyof typeof SCRIPTS;

const HELP = `
Example:
  $ source <(kube-x509-authn completion bash)       # also zsh; fish: kube-x509-authn completion fish | source`;

/** `completion`: the script with which a shell completes commands and their flags. */
export function completionCommand(loadAll: () => Promise<readonly Command[]>): Command {
  return new Command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', HELP)
    .action(async (shell: Shell) => {
      process.stdout.write(SCRIPTS[shell]((await loadAll()).map(shapeOf)));
    });
}
