#!/usr/bin/env node
import { Command } from 'commander';
import { callerTokenCommand } from './caller-token.ts';
import { Failure, reasonOf } from './failure.ts';
import { serveCommand } from './serve.ts';
import { tokenCommand } from './token.ts';
import { VERSION, versionCommand } from './version.ts';

const program = new Command('kube-x509-authn')
  .description(
    'X.509 client-certificate authentication for Kubernetes with structured configuration and CEL rules',
  )
  .version(VERSION)
  .addCommand(serveCommand())
  .addCommand(tokenCommand())
  .addCommand(callerTokenCommand())
  .addCommand(versionCommand())
  .showHelpAfterError('(run with --help for the flags and an example)')
  .exitOverride();
for (const command of program.commands) command.copyInheritedSettings(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (isCommanderError(error)) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof Failure) {
    process.stderr.write(`kube-x509-authn: ${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(`kube-x509-authn: internal error: ${reasonOf(error)}\n`);
  return 2;
}

function isCommanderError(error: unknown): error is { readonly code: string; readonly exitCode: number } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}
