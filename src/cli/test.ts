import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Command } from 'commander';
import { reasonOf } from '../server/reason-of.ts';
import { parseChoice } from './dry-run/flags.ts';
import { Failure } from './failure.ts';
import type { FileResult } from './policy-test/case-result.ts';
import { findGaps } from './policy-test/coverage.ts';
import { createPolicyTestReader } from './policy-test/policy-test-file.ts';
import {
  countFailures,
  formatJsonReport,
  formatJunitReport,
  formatTextReport,
  type Report,
} from './policy-test/report.ts';
import { runCases } from './policy-test/run-cases.ts';
import { runNativeCases } from './policy-test/run-native-cases.ts';
import { choosePalette } from './terminal.ts';

const HELP = `
Certificates are files, or made on the spot by a throw-away CA that stands in for an entry's own. In authn.authn-test.yaml:
  config: authn.yaml
  cases:
  - name: nobody becomes a system user
    certificate: {entry: my-ca, subject: [{CN: 'system:admin'}, {O: dev}]}
    expect: {outcome: denied, reason: user/denied}
Or, for a NativeCertificatePolicy:
  nativePolicy: native-policy.yaml
  cases:
  - name: old accounts are closed
    certificate: {subject: [{CN: old-alice}]}
    expect: {outcome: denied, reason: user/denied}

Exit codes: 0 every case passed, 1 a case failed, 2 a file cannot be used.

Examples:
  $ kube-x509-authn test
  $ kube-x509-authn test policies/ --coverage
  $ kube-x509-authn test authn.authn-test.yaml --format junit > report.xml`;

const FORMATS = ['text', 'junit', 'json'] as const;
const SUFFIX = '.authn-test.yaml';

interface TestFlags {
  readonly format: string;
  readonly coverage?: true;
}

/** `test`: runs the tables of cases that stand beside policies. */
export function testCommand(): Command {
  return new Command('test')
    .description('run the cases of *.authn-test.yaml files against their policies')
    .argument('[files...]', `files, or directories to look for *${SUFFIX} in; absent: the current directory`)
    .option('--format <format>', FORMATS.join(', '), 'text')
    .option(
      '--coverage',
      'tell which entries and rules no case reached, and which were not seen both true and false',
    )
    .addHelpText('after', HELP)
    .action(test);
}

async function test(names: readonly string[], flags: TestFlags): Promise<void> {
  const format = parseChoice('--format', flags.format, FORMATS);
  const paths = (names.length === 0 ? ['.'] : names).flatMap(findTestFiles);
  if (paths.length === 0)
    throw new Failure(`no *${SUFFIX} in ${names.join(', ') || 'the current directory'}`);
  const read = createPolicyTestReader();
  const results: FileResult[] = [];
  for (const path of paths) {
    const file = read(path);
    const now = Date.now();
    const result = 'config' in file ? runCases(path, file, now) : runNativeCases(path, file, now);
    const { policy, ...rest } = await result;
    results.push({ ...rest, policy: relative('', policy) });
  }
  const report: Report = flags.coverage === true ? { results, gaps: findGaps(results) } : { results };
  process.stdout.write(formatReport(format, report));
  process.exitCode = countFailures(report) === 0 ? 0 : 1;
}

function formatReport(format: (typeof FORMATS)[number], report: Report): string {
  switch (format) {
    case 'text':
      return formatTextReport(report, choosePalette({ isTTY: process.stdout.isTTY, env: process.env }));
    case 'junit':
      return formatJunitReport(report);
    case 'json':
      return formatJsonReport(report);
  }
}

/** A file itself; of a directory what is in it and below, but for hidden directories and node_modules. */
function findTestFiles(name: string): readonly string[] {
  try {
    return statSync(name).isDirectory() ? listDirectory(name) : [name];
  } catch (error) {
    throw new Failure(`cannot read ${name}: ${reasonOf(error)}`);
  }
}

function listDirectory(directory: string): readonly string[] {
  const entries = readdirSync(directory, { withFileTypes: true });
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      if (!entry.isDirectory()) return entry.name.endsWith(SUFFIX) ? [path] : [];
      return entry.name.startsWith('.') || entry.name === 'node_modules' ? [] : listDirectory(path);
    });
}
