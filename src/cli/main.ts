#!/usr/bin/env node
import { Command } from 'commander';
import { callerTokenCommand } from './caller-token.ts';
import { completionCommand } from './completion.ts';
import { Failure, reasonOf } from './failure.ts';
import { inventoryCommand } from './inventory.ts';
import { revokeCommand } from './revoke.ts';
import { serveCommand } from './serve.ts';
import { toPrintableLines } from './terminal.ts';
import { tokenCommand } from './token.ts';
import { VERSION, versionCommand } from './version.ts';

const program: Command = new Command('kube-x509-authn')
  .description(
    'X.509 client-certificate authentication for Kubernetes with structured configuration and CEL rules',
  )
  .version(VERSION)
  .addCommand(inventoryCommand())
  .addCommand(revokeCommand())
  .addCommand(serveCommand())
  .addCommand(tokenCommand())
  .addCommand(callerTokenCommand())
  .addCommand(versionCommand())
  .addCommand(completionCommand(() => program))
  .addCommand(
    await lazily('dry-run', 'show what a configuration makes of certificates, and why', async () =>
      (await import('./dry-run.ts')).dryRunCommand(),
    ),
  )
  .addCommand(
    await lazily('test', "run a configuration's cases", async () =>
      (await import('./test.ts')).testCommand(),
    ),
  )
  .addCommand(
    await lazily('replay', 'tell who of an audit log a configuration would deny or change', async () =>
      (await import('./replay.ts')).replayCommand(),
    ),
  )
  .showHelpAfterError('(run with --help for the flags and an example)')
  .exitOverride();
for (const command of program.commands) command.copyInheritedSettings(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** A command that is loaded only when it is asked for by name, or with all others for their flags; else a line in the help. */
async function lazily(name: string, summary: string, load: () => Promise<Command>): Promise<Command> {
  const asked = process.argv.slice(2, 4);
  const isAsked = asked.includes(name) || asked[0] === 'completion';
  return isAsked ? load() : new Command(name).description(summary);
}

function exitCodeOf(error: unknown): number {
  if (isCommanderError(error)) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof Failure) {
    process.stderr.write(`kube-x509-authn: ${toPrintableLines(error.message)}\n`);
    return error.exitCode;
  }
  process.stderr.write(`kube-x509-authn: internal error: ${reasonOf(error)}\n`);
  return 2;
}

function isCommanderError(error: unknown): error is { readonly code: string; readonly exitCode: number } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}
