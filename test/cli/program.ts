import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expectNoSecrets } from '../server/secrets.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** What a run of the built program printed, and how it ended. */
export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
}

/** Commands whose very output is tokens, or certificates. */
const GIVING: readonly string[] = ['token', 'caller-token', 'inventory'];

/** Runs `kube-x509-authn` to its end. Rejects where it prints a secret. */
export function run(args: readonly string[], { env = {}, input = '', cwd }: RunOptions = {}): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      env: { PATH: process.env['PATH'], ...env },
      ...(cwd && { cwd }),
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      try {
        const printed = GIVING.includes(args[0] ?? '') ? output.stderr : output.stderr + output.stdout;
        expectNoSecrets(printed.split('\n'));
        resolve({ code, ...output });
      } catch (error) {
        reject(error);
      }
    });
    child.stdin.end(input);
  });
}
