import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { addFingerprint, EMPTY_LIST, type WrittenList } from '../config/edit-revocation-list.ts';
import { decodeText } from '../config/decode-text.ts';
import { loadRevocationList } from '../config/load-revocation-list.ts';
import { reasonOf } from '../server/reason-of.ts';
import type { Certificate } from '../x509/certificate.ts';
import { goTime } from '../x509/go-text.ts';
import { commonName, organizations } from '../x509/name.ts';
import { quoteAscii } from './ascii-text.ts';
import { Failure } from './failure.ts';
import { withFileLock } from './file-lock.ts';
import { type CertificateFlags, findNamedCertificate, type NamedCertificate } from './named-certificate.ts';
import { readFlagFile } from './read-file.ts';
import { replaceFile } from './replace-file.ts';

interface RevokeFlags extends CertificateFlags {
  readonly reason: string;
  readonly file: string;
}

/** As a rule's message: it is sent to the certificate's holder. */
const MAX_REASON_BYTES = 1024;

const HELP = `
Examples:
  $ kube-x509-authn revoke --kubeconfig alice.kubeconfig --reason "laptop lost" --file revoked.yaml
  $ kube-x509-authn revoke --fingerprint X509SHA256=1163… --reason "seen in the audit log" --file revoked.yaml`;

/** `revoke`: adds a certificate to a RevocationList. */
export function revokeCommand(): Command {
  return new Command('revoke')
    .description('add a client certificate to a RevocationList, and say when that bites')
    .option('--cert <file>', 'the certificate, PEM; of a chain the first')
    .option('--fingerprint <sha256>', 'the SHA-256 of the certificate, as in credential-id of an audit log')
    .option('--kubeconfig <file>', 'the kubeconfig with the certificate')
    .option('--context <name>', 'the context of the kubeconfig, by default its current one')
    .requiredOption('--reason <text>', 'why; its holder is told')
    .requiredOption('--file <file>', 'the RevocationList; made where there is none')
    .addHelpText('after', HELP)
    .action(revoke);
}

function revoke(flags: RevokeFlags): void {
  checkReason(flags.reason);
  const named = findNamedCertificate(flags);
  const now = Date.now();
  withFileLock(flags.file, () => addToFile(flags, named, now));
  for (const line of describe(flags, named, now)) process.stdout.write(`${line}\n`);
  for (const warning of findWarnings(named.certificate, now)) {
    process.stderr.write(`kube-x509-authn: warning: ${warning}\n`);
  }
}

function checkReason(reason: string): void {
  if (reason.trim() === '')
    throw new Failure('--reason: must not be empty: it is all that the next administrator will know');
  if (Buffer.byteLength(reason) > MAX_REASON_BYTES || /\p{Cc}|[\u2028\u2029]/u.test(reason)) {
    throw new Failure(
      `--reason: must be one line of at most ${MAX_REASON_BYTES} bytes without control characters`,
    );
  }
}

function addToFile({ file, reason }: RevokeFlags, named: NamedCertificate, now: number): void {
  const { fingerprint: sha256 } = named;
  const written = readList(file);
  const known = written.list.fingerprints.find((item) => item.sha256 === sha256);
  if (known !== undefined) {
    const why = known.reason === '' ? '' : `: ${JSON.stringify(known.reason)}`;
    throw new Failure(`X509SHA256=${sha256} is revoked in ${file} already${why}`, 1);
  }
  const text = addFingerprint(written, { sha256, reason, comment: commentOn(named, now) });
  if (text === undefined)
    throw new Failure(`--file: cannot add to ${file} as it is laid out: add X509SHA256=${sha256} by hand`, 1);
  try {
    replaceFile(file, text);
  } catch (error) {
    throw new Failure(`--file: cannot write ${file}: ${reasonOf(error)}`);
  }
}

/** A list that is broken already is not touched: what it means is not known. */
function readList(file: string): WrittenList {
  if (!existsSync(file)) return EMPTY_LIST;
  const decoded = decodeText(readFlagFile('--file', file));
  if (!decoded.ok) throw new Failure(`--file: ${file} is not a RevocationList: ${decoded.error}`, 1);
  const { text } = decoded;
  if (text.trim() === '') return EMPTY_LIST;
  const result = loadRevocationList(text);
  if (result.kind === 'list') return { text, list: result.list };
  const lines = result.issues.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
  throw new Failure([`--file: ${file} is not a RevocationList that can be added to`, ...lines].join('\n'), 1);
}

/** What tells one fingerprint from another, in printable ASCII: a name could hold a line break. */
function commentOn({ certificate }: NamedCertificate, now: number): string {
  const date = new Date(now).toISOString().slice(0, 10);
  if (certificate === undefined) return `revoked ${date}`;
  const name = quoteAscii(commonName(certificate.subject));
  return `${name}, serial ${certificate.serialNumber.toString(16)}, valid until ${goTime(certificate.notAfter)}; revoked ${date}`;
}

/** Seconds until every server has read the file: it follows file events, and looks by itself once a minute. */
const READ_WITHIN = 60;

/** Seconds: kube-apiserver's defaults, of unauthorizedTTL, and of --authentication-token-webhook-cache-ttl with its own 10 s. */
const NATIVE_CACHE = 30;
const TOKEN_CACHE = 130;

function describe({ file, reason }: RevokeFlags, named: NamedCertificate, now: number): readonly string[] {
  const by = (seconds: number): string => goTime(now + (READ_WITHIN + seconds) * 1000);
  const { certificate } = named;
  return [
    `revoked in ${file}: X509SHA256=${named.fingerprint} (${reason})`,
    ...(certificate === undefined
      ? []
      : [
          `  ${quoteAscii(commonName(certificate.subject))}, issued by ${quoteAscii(commonName(certificate.issuer))}, valid until ${goTime(certificate.notAfter)}`,
        ]),
    'It bites when the servers have read the file (at once by file events, else within a minute) and kube-apiserver has forgotten what it knew:',
    `  native certificates, where --native-policy names the file: by ${by(NATIVE_CACHE)} (unauthorizedTTL, 30s by default)`,
    `  tokens, where an x509 entry or --revocation-file names it: by ${by(TOKEN_CACHE)} (--authentication-token-webhook-cache-ttl, 2m by default, and 10s)`,
    'Requests under way go on: a watch for up to an hour, exec and port-forward until they are closed.',
  ];
}

function findWarnings(certificate: Certificate | undefined, now: number): readonly string[] {
  if (certificate === undefined) return [];
  const warnings: string[] = [];
  if (organizations(certificate.subject).includes('system:masters')) {
    warnings.push(
      `the certificate is of the group system:masters, about which kube-apiserver asks no webhook: as a native certificate it stays good until ${goTime(certificate.notAfter)}, or until its CA leaves --client-ca-file (docs/revocation.md)`,
    );
  }
  if (certificate.notAfter < now) {
    warnings.push(
      `the certificate expired at ${goTime(certificate.notAfter)}: kube-apiserver refuses it already`,
    );
  }
  if (certificate.basicConstraints?.isCA === true) {
    warnings.push(
      'the certificate is an authority: only a policy whose inventory has it finds the certificates below it',
    );
  }
  return warnings;
}
