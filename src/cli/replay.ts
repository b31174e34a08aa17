import { Command } from 'commander';
import { toPrintable } from '../server/printable.ts';
import { findCertificateFiles, readCertificateFile } from './certificate-files.ts';
import { parseChoice } from './dry-run/flags.ts';
import { Failure } from './failure.ts';
import { refuseBeside } from './flag-companions.ts';
import { loadNativePolicyFile } from './native-policy.ts';
import { loadPolicy } from './policy.ts';
import type { Chain } from './read-certificates.ts';
import { type JudgedIdentity, judgeIdentity } from './replay/judge-identity.ts';
import { judgeNativeIdentity } from './replay/judge-native-identity.ts';
import { readAuditLogs } from './replay/read-log.ts';
import { repeatable } from './repeatable.ts';
import { formatJsonReplay, formatTextReplay, type Replay } from './replay/report.ts';
import type { SeenIdentity } from './replay/seen-identities.ts';
import { choosePalette } from './terminal.ts';

const HELP = `
An identity is a certificate (the credential-id in the user's extra), a user and an address. With --certs it is judged by its certificate
where that is there; else by user and address alone, which is marked with *.
Exit codes: 0, or 1 where --fail-on lockout is given and somebody would be denied, or there are more than could be judged; 2 error.

Examples:
  $ kube-x509-authn replay --config new.yaml --audit-log /var/log/kubernetes/audit.log --certs inventory/
  $ kube-x509-authn replay --native-policy native-policy.yaml --audit-log /var/log/kubernetes/audit.log --fail-on lockout`;

const FORMATS = ['text', 'json'] as const;

interface ReplayFlags {
  readonly config?: string;
  readonly nativePolicy?: string;
  readonly certificateAuthorityFile?: string;
  readonly revocationFile: readonly string[];
  readonly auditLog: readonly string[];
  readonly certs: readonly string[];
  readonly output: string;
  readonly failOn?: string;
}

/** `replay`: who of an audit log would be denied, or be somebody else, under a policy. */
export function replayCommand(): Command {
  return new Command('replay')
    .description("tell who of kube-apiserver's audit log a policy would deny or change")
    .option('--config <file>', 'the AuthenticationConfiguration with the x509 entries')
    .option('--native-policy <file>', 'in its place, a NativeCertificatePolicy')
    .addOption(
      repeatable('--audit-log <file>', "kube-apiserver's audit log, JSON lines, perhaps .gz; - reads stdin"),
    )
    .option('--certificate-authority-file <file>', 'anchors of entries without their own, PEM')
    .addOption(repeatable('--revocation-file <file>', 'revocation list or CRL that holds for every entry'))
    .addOption(repeatable('--certs <path>', 'certificate file, directory or pattern to join by fingerprint'))
    .option('-o, --output <format>', FORMATS.join(', '), 'text')
    .option('--fail-on <concern>', 'exit 1 for lockout')
    .addHelpText('after', HELP)
    .action(replay);
}

async function replay(flags: ReplayFlags): Promise<void> {
  const format = parseChoice('--output', flags.output, FORMATS);
  const failOn = flags.failOn === undefined ? undefined : parseChoice('--fail-on', flags.failOn, ['lockout']);
  if (flags.auditLog.length === 0) throw new Failure('--audit-log is required');
  const { policy, judge } = choosePolicy(flags);
  const { identities, ...contents } = await readAuditLogs(flags.auditLog);
  const result = { ...contents, policy, judged: Array.from(identities, judge) };
  const palette = choosePalette({ isTTY: process.stdout.isTTY, env: process.env });
  process.stdout.write(format === 'json' ? formatJsonReplay(result) : formatTextReplay(result, palette));
  const isLockedOut = result.judged.some(({ fate }) => fate.kind === 'denied' || fate.kind === 'no-opinion');
  process.exitCode = failOn === 'lockout' && (isLockedOut || result.overflow > 0) ? 1 : 0;
}

/** What a NativeCertificatePolicy names itself. */
const NOT_NATIVE = ['certs', 'revocationFile', 'certificateAuthorityFile'] as const;

/** By which policy identities are judged, and how. */
interface Judging {
  readonly policy: Replay['policy'];
  readonly judge: (identity: SeenIdentity) => JudgedIdentity;
}

function choosePolicy(flags: ReplayFlags): Judging {
  const { config, nativePolicy } = flags;
  if ((config === undefined) === (nativePolicy === undefined))
    throw new Failure('give --config or --native-policy');
  if (config !== undefined) {
    const authenticator = loadPolicy('--config', { ...flags, config });
    const chains = readChains(flags.certs);
    const judge: Judging['judge'] = (identity) =>
      judgeIdentity(authenticator, identity, chains.get(identity.fingerprint));
    return { policy: 'authentication', judge };
  }
  refuseBeside('--native-policy', NOT_NATIVE, { ...flags });
  const policy = loadNativePolicyFile(nativePolicy ?? '');
  const now = Date.now();
  return { policy: 'native', judge: (identity) => judgeNativeIdentity(policy, identity, now) };
}

/** Certificates by their fingerprint, each with the others of its file, which may be its intermediates. */
function readChains(names: readonly string[]): ReadonlyMap<string, Chain> {
  const chains = new Map<string, Chain>();
  for (const file of findCertificateFiles(names)) {
    const { path, by } = file;
    const result = readCertificateFile(file);
    if (!result.ok) {
      if (by === 'search')
        process.stderr.write(`kube-x509-authn: warning: ${toPrintable(`${path}: ${result.error}`)}\n`);
      else throw new Failure(`--certs: ${path}: ${result.error}`);
      continue;
    }
    for (const certificate of result.chain) {
      const others = result.chain.filter((other) => other !== certificate);
      chains.set(certificate.fingerprint, [certificate, ...others]);
    }
  }
  return chains;
}
