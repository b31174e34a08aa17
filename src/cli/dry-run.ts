import { Command } from 'commander';
import type { Decision } from '../authenticator/decision.ts';
import { findCertificateFiles } from './certificate-files.ts';
import { judgeFile, judgeRow, type Row } from './dry-run/batch.ts';
import { type Concern, isOfConcern } from './dry-run/comparison.ts';
import { checkCompanions, refuseBeside, SYNTHETIC } from './flag-companions.ts';
import { type DryRunFlags, parseChoice, parseInstant, parseRemoteAddress } from './dry-run/flags.ts';
import { type Circumstances, loadPolicies, readTrial, type SingleTrial } from './dry-run/input.ts';
import { type NativeDryRunFlags, tryNativePolicy } from './dry-run/native.ts';
import { describeNativeDryRun, formatNativeDryRun } from './dry-run/native-output.ts';
import { outcomeOfNative } from './dry-run/native-trial.ts';
import { createJsonOutput, createTableOutput, type RowOutput, type Selection } from './dry-run/row-output.ts';
import { FORMATS, type Format, formatVerdict } from './dry-run/single-output.ts';
import { judge, outcomeOf } from './dry-run/trial.ts';
import { Failure } from './failure.ts';
import { createProgress } from './progress.ts';
import { repeatable } from './repeatable.ts';
import { choosePalette, type Palette } from './terminal.ts';

const HELP = `
Exit codes: 0 authenticated, 3 denied, 4 no opinion, 2 error; with --expect 0 or 1; for many certificates and with --compare 0,
or 1 for what --expect or --fail-on names.

Examples:
  $ kube-x509-authn dry-run --config authn.yaml --cert alice.crt --remote-addr 10.0.0.1
  $ kube-x509-authn dry-run --config authn.yaml --subject CN=alice --subject O=dev
  $ kube-x509-authn dry-run --config authn.yaml --token token.txt --audience x509.prod-eu.example -o json
  $ kube-x509-authn dry-run --config authn.yaml 'inventory/*.pem'
  $ kube-x509-authn dry-run --config new.yaml --compare authn.yaml --fail-on lockout inventory/
  $ kube-x509-authn dry-run --native-policy native-policy.yaml --kubeconfig alice.kubeconfig`;

const CONCERNS = ['lockout', 'widened'] as const satisfies readonly Concern[];

const OUTCOMES = ['authenticated', 'denied', 'no-opinion'] as const;

const EXIT_CODES: Readonly<Record<Decision['outcome'], number>> = {
  authenticated: 0,
  denied: 3,
  'no-opinion': 4,
};

/** `dry-run`: what a policy makes of a certificate or of many, and why. */
export function dryRunCommand(): Command {
  const command = new Command('dry-run')
    .description('show what a configuration makes of a certificate, a token or many certificates, and why')
    .argument(
      '[certificates...]',
      'certificate files, directories or patterns to judge as a table; - reads names from stdin',
    )
    .option('--config <file>', 'the AuthenticationConfiguration with the x509 entries')
    .option(
      '--native, --native-policy <file>',
      'in its place, a NativeCertificatePolicy, with --cert, --kubeconfig or --subject',
    )
    .option(
      '--certificate-authority-file <file>',
      "anchors of entries without their own, PEM; with --native-policy kube-apiserver's --client-ca-file",
    )
    .addOption(repeatable('--revocation-file <file>', 'revocation list or CRL that holds for every entry'))
    .option('--cert <file>', 'client certificate, PEM (leaf first, then intermediates) or DER')
    .option('--chain <file>', 'intermediates of --cert, PEM')
    .option('--token <file>', 'a token of this project, as kube-apiserver would forward it; - reads stdin')
    .option('--audience <name>', "the cluster's audience, for --token")
    .option('--kubeconfig <file>', 'take the client certificate of a kubeconfig')
    .option('--context <name>', "the kubeconfig's context; absent: the current one");
  addSyntheticFlags(command);
  return command
    .option('--remote-addr <ip>', "the client's address, for rules that read request.remoteaddr")
    .option('--at <time>', 'the instant to decide at, RFC 3339; absent: now')
    .option('-o, --output <format>', FORMATS.join(', '), 'text')
    .option('--expect <outcome>', `exit 1 unless this is the outcome: ${OUTCOMES.join(', ')}`)
    .option('--compare <file>', 'an older configuration: show only what --config changes')
    .addOption(repeatable('--fail-on <concern>', 'with --compare, exit 1 for lockout or widened'))
    .addHelpText('after', HELP)
    .action(dryRun);
}

function addSyntheticFlags(command: Command): void {
  command
    .addOption(
      repeatable('--subject <type=value>', 'an attribute of a synthetic certificate, as in CN=alice'),
    )
    .addOption(repeatable('--uri-san <uri>', 'a URI of it'))
    .addOption(repeatable('--dns-san <name>', 'a DNS name of it'))
    .addOption(repeatable('--ip-san <ip>', 'an IP address of it'))
    .addOption(repeatable('--email-san <address>', 'an email address of it'))
    .option('--lifetime <length>', 'how long it is valid from --at on: a number and s, m, h or d; absent: 1h')
    .option('--entry <name>', 'the entry whose CA would issue it; required where there are several');
}

/** How to print, and what to make an exit code of. */
interface Ending {
  readonly format: Format;
  readonly expected?: Decision['outcome'];
  readonly failOn: readonly Concern[];
  readonly palette: Palette;
}

async function dryRun(files: readonly string[], given: GivenFlags): Promise<void> {
  const { config, nativePolicy } = given;
  if ((config === undefined) === (nativePolicy === undefined))
    throw new Failure('give --config or --native-policy');
  checkCompanions({ ...given });
  if (config === undefined) {
    process.exitCode = await runNative(files, { ...given, nativePolicy: nativePolicy ?? '' });
    return;
  }
  const flags = { ...given, config };
  const ending = readEnding(flags);
  const circumstances = {
    at: flags.at === undefined ? Date.now() : parseInstant('--at', flags.at),
    remoteAddress:
      flags.remoteAddr === undefined ? undefined : parseRemoteAddress('--remote-addr', flags.remoteAddr),
  };
  if (files.length > 0) {
    process.exitCode = runBatch({ files, flags }, circumstances, ending);
    return;
  }
  const trial = await readTrial(flags, circumstances);
  process.exitCode =
    trial.old === undefined ? runOne(trial, ending) : compareOne(trial, circumstances, ending);
}

/** What a NativeCertificatePolicy, which names its revocation files itself and sees no address and no token, has no use for. */
const NOT_NATIVE = ['token', 'entry', 'revocationFile', 'remoteAddr', 'compare'] as const;

/** One of the two policies is given. */
type GivenFlags = Omit<DryRunFlags, 'config'> & { readonly config?: string; readonly nativePolicy?: string };

async function runNative(
  files: readonly string[],
  flags: Omit<GivenFlags, 'nativePolicy'> & NativeDryRunFlags,
): Promise<number> {
  if (files.length > 0)
    throw new Failure('--native-policy is tried on one certificate: give --cert, --kubeconfig or --subject');
  refuseBeside('--native-policy', NOT_NATIVE, { ...flags });
  const format = parseChoice('--output', flags.output, ['text', 'json']);
  const expected =
    flags.expect === undefined ? undefined : parseChoice('--expect', flags.expect, ['denied', 'no-opinion']);
  const at = flags.at === undefined ? Date.now() : parseInstant('--at', flags.at);
  const dryRun = await tryNativePolicy(flags, at);
  const palette = choosePalette({ isTTY: process.stdout.isTTY, env: process.env });
  process.stdout.write(
    format === 'json' ? formatNativeDryRun(dryRun) : describeNativeDryRun(dryRun, palette),
  );
  // Whom kube-apiserver refuses itself, or does not ask about, is nobody whom the policy denies.
  const outcome = outcomeOfNative(dryRun.trial) === 'denied' ? 'denied' : 'no-opinion';
  if (expected === undefined) return EXIT_CODES[outcome];
  return outcome === expected ? 0 : 1;
}

function readEnding(flags: DryRunFlags): Ending {
  const format = parseChoice('--output', flags.output, FORMATS);
  const failOn = flags.failOn.map((concern) => parseChoice('--fail-on', concern, CONCERNS));
  const palette = choosePalette({ isTTY: process.stdout.isTTY, env: process.env });
  if (flags.expect === undefined) return { format, failOn, palette };
  return { format, failOn, palette, expected: parseChoice('--expect', flags.expect, OUTCOMES) };
}

function runOne(trial: SingleTrial, { format, palette, expected }: Ending): number {
  const verdict = judge(trial.authenticator, trial.presented);
  process.stdout.write(formatVerdict(format, { trial, verdict, palette }));
  const outcome = outcomeOf(verdict);
  if (expected === undefined) return EXIT_CODES[outcome];
  if (outcome === expected) return 0;
  process.stderr.write(`kube-x509-authn: expected ${expected}, and the outcome is ${outcome}\n`);
  return 1;
}

function compareOne(trial: SingleTrial, circumstances: Circumstances, ending: Ending): number {
  const output = createOutput('changes', ending);
  const row = judgeRow(trial.source, trial.presented, { ...trial, ...circumstances });
  output.add(row);
  process.stdout.write(output.end());
  return exitCodeOf(row, ending);
}

function runBatch(
  { files, flags }: { files: readonly string[]; flags: DryRunFlags },
  circumstances: Circumstances,
  ending: Ending,
): number {
  refuseBeside('files of certificates', ['cert', 'token', 'kubeconfig', ...SYNTHETIC], { ...flags });
  const batch = { ...loadPolicies(flags), ...circumstances };
  const found = findCertificateFiles(files);
  const output = createOutput(batch.old === undefined ? 'all' : 'changes', ending);
  const progress = createProgress(process.stderr, found.length);
  let exitCode = 0;
  let skipped = 0;
  for (const file of found) {
    const row = judgeFile(file, batch);
    progress.advance();
    if (row === undefined) skipped += 1;
    else {
      output.add(row);
      exitCode = Math.max(exitCode, exitCodeOf(row, ending));
    }
  }
  progress.end();
  if (skipped === found.length) throw new Failure(`no certificate in any of ${skipped} files`);
  process.stdout.write(output.end());
  if (skipped > 0)
    process.stderr.write(
      `kube-x509-authn: passed over without a certificate: ${skipped} of ${found.length} files\n`,
    );
  return exitCode;
}

function createOutput(selection: Selection, { format, palette }: Ending): RowOutput {
  if (format === 'text') return createTableOutput(selection, palette);
  if (format === 'json') return createJsonOutput(selection, (text) => process.stdout.write(text));
  throw new Failure(
    `--output: ${format} is for one certificate: use text or json for many, and with --compare`,
  );
}

/** Of one row: 2 for what cannot be read, 1 for what is not expected or not wanted. */
function exitCodeOf(row: Row, { expected, failOn }: Ending): number {
  if (row.kind === 'unreadable') return 2;
  const change = row.comparison?.change;
  if (change !== undefined && failOn.some((concern) => isOfConcern(change, concern))) return 1;
  return expected === undefined || outcomeOf(row.verdict) === expected ? 0 : 1;
}
