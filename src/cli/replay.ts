import { createReadStream, readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { Authenticator } from '../authenticator/authenticator.ts';
import { findCertificateFiles } from './certificate-files.ts';
import { parseChoice } from './dry-run/flags.ts';
import { Failure, reasonOf } from './failure.ts';
import { loadPolicy } from './policy.ts';
import { type Chain, readCertificates } from './read-certificates.ts';
import { parseAuditLine } from './replay/audit-event.ts';
import { judgeIdentity } from './replay/judge-identity.ts';
import { type Chunks, readLines } from './replay/read-lines.ts';
import { formatJsonReplay, formatTextReplay, type Replay } from './replay/report.ts';
import { collectIdentities, type SeenIdentities } from './replay/seen-identities.ts';
import { choosePalette, toPrintable } from './terminal.ts';

const HELP = `
An identity is a certificate (the credential-id in the user's extra), a user and an address. With --certs it is judged by its certificate
where that is there; else by user and address alone, which is marked with *.
Exit codes: 0, or 1 where --fail-on lockout is given and somebody would be denied; 2 error.

Example:
  $ kube-x509-authn replay --config new.yaml --audit-log /var/log/kubernetes/audit.log --certs inventory/`;

const FORMATS = ['text', 'json'] as const;

interface ReplayFlags {
  readonly config: string;
  readonly certificateAuthorityFile?: string;
  readonly revocationFile: readonly string[];
  readonly auditLog: string;
  readonly certs: readonly string[];
  readonly output: string;
  readonly failOn?: string;
}

/** `replay`: who of an audit log would be denied, or be somebody else, under a configuration. */
export function replayCommand(): Command {
  return new Command('replay')
    .description("tell who of kube-apiserver's audit log a configuration would deny or change")
    .requiredOption('--config <file>', 'the AuthenticationConfiguration with the x509 entries')
    .requiredOption('--audit-log <file>', "kube-apiserver's audit log, JSON lines; - reads stdin")
    .option('--certificate-authority-file <file>', 'anchors of entries without their own, PEM')
    .option(
      '--revocation-file <file>',
      'revocation list or CRL that holds for every entry; may be repeated',
      collect,
      [],
    )
    .option(
      '--certs <path>',
      'certificate file, directory or pattern to join by fingerprint; may be repeated',
      collect,
      [],
    )
    .option('-o, --output <format>', FORMATS.join(', '), 'text')
    .option('--fail-on <concern>', 'exit 1 for lockout')
    .addHelpText('after', HELP)
    .action(replay);
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

async function replay(flags: ReplayFlags): Promise<void> {
  const format = parseChoice('--output', flags.output, FORMATS);
  const failOn = flags.failOn === undefined ? undefined : parseChoice('--fail-on', flags.failOn, ['lockout']);
  const authenticator = loadPolicy('--config', flags);
  const chains = readChains(flags.certs);
  const result = await replayLog(openLog(flags.auditLog), authenticator, chains).catch((error: unknown) => {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new Failure(`--audit-log: cannot read ${flags.auditLog}: ${reasonOf(error)}`);
  });
  const palette = choosePalette({ isTTY: process.stdout.isTTY, env: process.env });
  process.stdout.write(format === 'json' ? formatJsonReplay(result) : formatTextReplay(result, palette));
  const isLockedOut = result.judged.some(({ fate }) => fate.kind === 'denied' || fate.kind === 'no-opinion');
  process.exitCode = failOn === 'lockout' && isLockedOut ? 1 : 0;
}

/** Bytes read at once. */
const CHUNK = 1024 * 1024;

function openLog(path: string): Chunks {
  return path === '-' ? process.stdin : createReadStream(path, { highWaterMark: CHUNK });
}

/** Certificates by their fingerprint, each with the others of its file, which may be its intermediates. */
function readChains(names: readonly string[]): ReadonlyMap<string, Chain> {
  const chains = new Map<string, Chain>();
  for (const { path, by } of findCertificateFiles(names)) {
    const result = readCertificates(readFileSync(path));
    if (!result.ok) {
      if (by === 'search')
        process.stderr.write(`kube-x509-authn: warning: ${toPrintable(path)}: ${result.error}\n`);
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

/** Reads a log once, keeping its distinct identities alone, and judges those. */
export async function replayLog(
  log: Chunks,
  authenticator: Authenticator,
  chains: ReadonlyMap<string, Chain>,
): Promise<Replay> {
  const seen = collectIdentities();
  const { others, malformed } = await readLog(log, seen);
  const judged = Array.from(seen.identities, (identity) =>
    judgeIdentity(authenticator, identity, chains.get(identity.fingerprint)),
  );
  return { judged, others, malformed, overflow: seen.overflow };
}

async function readLog(log: Chunks, seen: SeenIdentities): Promise<Pick<Replay, 'others' | 'malformed'>> {
  let others = 0;
  let malformed = 0;
  await readLines(log, {
    line(line) {
      const parsed = parseAuditLine(line);
      switch (parsed.kind) {
        case 'certificate':
          seen.add(parsed.event);
          break;
        case 'other':
          others += 1;
          break;
        case 'malformed':
          malformed += 1;
          break;
      }
    },
    skipped: () => (malformed += 1),
  });
  return { others, malformed };
}
