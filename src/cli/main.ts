#!/usr/bin/env node
import { Command, Help } from 'commander';
import { toPrintableLines } from '../server/printable.ts';
import { reasonOf } from '../server/reason-of.ts';
import { Failure } from './failure.ts';
import { VERSION } from './version.ts';

/** Each is loaded when it is asked for: linting a file should not wait for an HTTP server to load. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve.ts')).serveCommand(),
  lint: async () => (await import('./lint.ts')).lintCommand(),
  'dry-run': async () => (await import('./dry-run.ts')).dryRunCommand(),
  test: async () => (await import('./test.ts')).testCommand(),
  replay: async () => (await import('./replay.ts')).replayCommand(),
  revoke: async () => (await import('./revoke.ts')).revokeCommand(),
  inventory: async () => (await import('./inventory.ts')).inventoryCommand(),
  compile: async () => (await import('./compile.ts')).compileCommand(),
  token: async () => (await import('./token.ts')).tokenCommand(),
  'caller-token': async () => (await import('./caller-token.ts')).callerTokenCommand(),
  version: async () => (await import('./version.ts')).versionCommand(),
  completion: async () => (await import('./completion.ts')).completionCommand(loadAll),
};

const program = new Command('kube-x509-authn')
  .description(
    'X.509 client-certificate authentication for Kubernetes with structured configuration and CEL rules',
  )
  .version(VERSION)
  .configureHelp({
    // What may be repeated begins as an empty list, which is no default to speak of.
    optionDescription: (option) => new Help().optionDescription(option).replace(/ \(default: \[\]\)$/, ''),
  })
  .showHelpAfterError('(run with --help for the flags and an example)')
  .exitOverride();
for (const command of await loadCommands(process.argv[2] ?? '')) {
  program.addCommand(command.copyInheritedSettings(program));
}

// Whoever reads our output may have seen enough of it.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(2);
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** The command that is named, or all of them, so that help lists them. */
async function loadCommands(name: string): Promise<readonly Command[]> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return load === undefined ? loadAll() : [await load()];
}

function loadAll(): Promise<readonly Command[]> {
  return Promise.all(Object.values(COMMANDS).map((load) => load()));
}

function exitCodeOf(error: unknown): number {
  if (isCommanderError(error)) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof Failure) {
    process.stderr.write(`kube-x509-authn: ${toPrintableLines(error.message)}\n`);
    return error.exitCode;
  }
  process.stderr.write(`kube-x509-authn: internal error: ${toPrintableLines(reasonOf(error))}\n`);
  return 2;
}

function isCommanderError(error: unknown): error is { readonly code: string; readonly exitCode: number } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}
