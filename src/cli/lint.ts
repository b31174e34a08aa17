import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Command } from 'commander';
import type { NativeLintInputs } from '../authenticator/advise/lint-native-policy.ts';
import type { LintInputs } from '../authenticator/advise/lint-text.ts';
import type { FindFiles } from '../authenticator/read-inventory.ts';
import type { Severity } from '../config/issue.ts';
import { findFiles } from '../server/find-files.ts';
import { readRegularFile } from '../server/read-regular-file.ts';
import { reasonOf } from '../server/reason-of.ts';
import { readApiserverBundle } from './apiserver-bundle.ts';
import { Failure } from './failure.ts';
import { readBaseline, withoutBaseline } from './lint/baseline.ts';
import { parseInstant } from './dry-run/flags.ts';
import { explain } from './lint/explain.ts';
import { lintFile } from './lint/file.ts';
import { formatGithub } from './lint/format-github.ts';
import { formatJson } from './lint/format-json.ts';
import { formatJunit } from './lint/format-junit.ts';
import { formatSarif } from './lint/format-sarif.ts';
import { formatText } from './lint/format-text.ts';
import { readLintInputs } from './lint/inputs.ts';
import { countOf, type LintFormat, type LintReport } from './lint/report.ts';
import { repeatable } from './repeatable.ts';
import { checkRoot } from './root-folder.ts';
import { parseTarget } from './target.ts';
import { VERSION } from './version.ts';

interface LintFlags {
  readonly certificateAuthorityFile?: string;
  readonly apiserverClientCaFile?: string;
  readonly requestheaderClientCaFile?: string;
  readonly revocationFile: readonly string[];
  readonly root?: string;
  readonly targetKubernetes: readonly string[];
  readonly audience: readonly string[];
  readonly disallowedIssuer: readonly string[];
  readonly format: readonly string[];
  readonly failOn: string;
  readonly allowNone?: boolean;
  readonly maxWarnings?: string;
  readonly baseline?: string;
  readonly explain?: string;
  readonly now?: string;
}

const FORMATS: Readonly<Record<string, LintFormat>> = {
  text: formatText,
  json: formatJson,
  sarif: formatSarif,
  github: formatGithub,
  junit: formatJunit,
};

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

const HELP = `
FILE is a file, a folder (every .yaml, .yml and .json below it), a glob, or - for the standard input; without one, the current
folder. Of other kinds of documents nothing is said. docs/lint.md lists the findings.

A finding is accepted by a comment at the field, or above it:
  # kube-x509-authn: ignore rule/can-fail, because every certificate of this CA has the key

Exit status: 0 no findings, 1 findings at or above --fail-on or more than --max-warnings, 2 usage or I/O.

Examples:
  $ kube-x509-authn lint config/
  $ kube-x509-authn lint authn.yaml --apiserver-client-ca-file /etc/kubernetes/pki/ca.crt --target-kubernetes 1.34
  $ kube-x509-authn lint authn.yaml --format text --format sarif=lint.sarif`;

/** `lint`: checks AuthenticationConfigurations as kube-apiserver does, and them and NativeCertificatePolicies for what is dangerous or useless. */
export function lintCommand(): Command {
  return new Command('lint')
    .description('check AuthenticationConfigurations and NativeCertificatePolicies, in files or in CI')
    .argument('[file...]', 'files, folders, globs, or -')
    .option('--certificate-authority-file <file>', 'anchors of entries without their own, PEM')
    .option(
      '--apiserver-client-ca-file <file>',
      "kube-apiserver's --client-ca-file, to find anchors that it trusts itself",
    )
    .option(
      '--requestheader-client-ca-file <file>',
      "kube-apiserver's --requestheader-client-ca-file, likewise",
    )
    .addOption(repeatable('--revocation-file <file>', 'a revocation list or CRL for all entries'))
    .option('--root <dir>', 'look the files that a configuration names up below this folder')
    .addOption(
      repeatable('--target-kubernetes <version>', 'say what this version would not load, 1.30 to 1.37'),
    )
    .addOption(repeatable('--audience <name>', 'an audience that the server is to be given'))
    .addOption(
      repeatable('--disallowed-issuer <url>', "an issuer that no jwt entry may have: the cluster's own"),
    )
    .addOption(repeatable('--format <name[=file]>', 'text, json, sarif, github or junit; absent: text'))
    .option(
      '--fail-on <severity>',
      'error, warning or info: the least that makes the exit status 1',
      'warning',
    )
    .option('--max-warnings <n>', 'how many warnings are too many whatever --fail-on says')
    .option('--baseline <file>', 'what --format json printed earlier: findings to pass over')
    .option(
      '--allow-none',
      'take files for candidates: pass over those that are no configuration, all if need be',
    )
    .option('--explain <id>', 'explain a finding, and lint nothing')
    .option('--now <time>', 'lint as of this instant, RFC 3339 (default: now)')
    .addHelpText('after', HELP)
    .action(lint);
}

function lint(args: readonly string[], flags: LintFlags): void {
  if (flags.explain !== undefined) {
    process.stdout.write(explain(flags.explain));
    return;
  }
  const outputs = (flags.format.length === 0 ? ['text'] : flags.format).map(parseFormat);
  const limits = readLimits(flags);
  const baseline = flags.baseline === undefined ? new Map<string, number>() : readBaseline(flags.baseline);
  const inputs = toLintInputs(flags);
  const allowNone = flags.allowNone === true;
  const given = readLintInputs(args).map((input) =>
    allowNone ? { ...input, how: 'found' as const } : input,
  );
  const files = given.map((input) => lintFile(input, inputs)).filter((file) => file !== undefined);
  if (files.length === 0 && !allowNone)
    throw new Failure('lint: no AuthenticationConfiguration or NativeCertificatePolicy in what was given');
  const report = { files: withoutBaseline(files, baseline), version: VERSION };
  for (const { format, file } of outputs) write(format(report), file);
  process.exitCode = isTooMuch(report, limits) ? 1 : 0;
}

interface Output {
  readonly format: LintFormat;
  /** Absent: the standard output. */
  readonly file?: string;
}

function parseFormat(text: string): Output {
  const [name = '', ...rest] = text.split('=');
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
  if (format === undefined)
    throw new Failure(`--format: ${name} is none of ${Object.keys(FORMATS).join(', ')}`);
  return rest.length === 0 ? { format } : { format, file: rest.join('=') };
}

function write(text: string, file: string | undefined): void {
  if (file === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new Failure(`--format: cannot write ${file}: ${reasonOf(error)}`);
  }
}

interface Limits {
  readonly failOn: Severity;
  readonly maxWarnings: number;
}

function readLimits({ failOn, maxWarnings }: LintFlags): Limits {
  const severity = SEVERITIES.find((one) => one === failOn);
  if (severity === undefined) throw new Failure(`--fail-on: ${failOn} is none of ${SEVERITIES.join(', ')}`);
  if (maxWarnings !== undefined && !/^\d{1,9}$/.test(maxWarnings)) {
    throw new Failure(`--max-warnings: ${maxWarnings} is no number`);
  }
  return {
    failOn: severity,
    maxWarnings: maxWarnings === undefined ? Number.POSITIVE_INFINITY : Number(maxWarnings),
  };
}

function isTooMuch(report: LintReport, { failOn, maxWarnings }: Limits): boolean {
  const counted = SEVERITIES.slice(0, SEVERITIES.indexOf(failOn) + 1);
  return (
    counted.some((severity) => countOf(report, severity) > 0) || countOf(report, 'warning') > maxWarnings
  );
}

function toLintInputs(flags: LintFlags): LintInputs & NativeLintInputs {
  const { certificateAuthorityFile, apiserverClientCaFile, requestheaderClientCaFile } = flags;
  const root = checkRoot(flags.root);
  const readFile = createReader(flags);
  if (certificateAuthorityFile !== undefined)
    readApiserverBundle('--certificate-authority-file', certificateAuthorityFile);
  return {
    at: flags.now === undefined ? Date.now() : parseInstant('--now', flags.now),
    readFile,
    findFiles: createFinder(root),
    ...(certificateAuthorityFile !== undefined && { certificateAuthorityFile }),
    ...(apiserverClientCaFile !== undefined && {
      clientAuthorities: readApiserverBundle('--apiserver-client-ca-file', apiserverClientCaFile),
    }),
    ...(requestheaderClientCaFile !== undefined && {
      proxyAuthorities: readApiserverBundle('--requestheader-client-ca-file', requestheaderClientCaFile),
    }),
    revocationFiles: flags.revocationFile,
    targets: flags.targetKubernetes.map(parseTarget),
    audiences: flags.audience,
    disallowedIssuers: flags.disallowedIssuer,
  };
}

/** Reads what a configuration names, once; files that flags name are where the flags say. */
function createReader({
  root,
  certificateAuthorityFile,
  revocationFile,
}: LintFlags): (path: string) => Buffer {
  const files = new Map<string, Buffer>();
  const ofFlags = new Set([certificateAuthorityFile, ...revocationFile]);
  return (path) => {
    const actual = root === undefined || ofFlags.has(path) ? path : join(root, path);
    const known = files.get(actual);
    if (known !== undefined) return known;
    const bytes = readRegularFile(actual);
    files.set(actual, bytes);
    return bytes;
  };
}

/** Finds what a policy names, by names that the reader takes again. */
function createFinder(root: string | undefined): FindFiles {
  if (root === undefined) return findFiles;
  return (pattern) => {
    const { files, by } = findFiles(join(root, pattern));
    return { files: files.map((file) => `/${relative(root, file)}`), by };
  };
}
