import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { Command } from 'commander';
import { findFiles } from '../server/find-files.ts';
import { reasonOf } from '../server/reason-of.ts';
import { toPrintable } from '../server/printable.ts';
import { goTime } from '../x509/go-text.ts';
import { allowsClientAuth } from '../x509/extended-key-usage.ts';
import { parseCertificate } from '../x509/parse-certificate.ts';
import { parsePemCertificates, toPem } from '../x509/pem.ts';
import { type CertificateUsage, summarizeUsage } from './certificate-usage.ts';
import { loadInClusterConfig, loadKubeConfig } from './cluster-client.ts';
import { formatText } from './dry-run/certificate-text.ts';
import { Failure } from './failure.ts';
import { listIssuedCertificates } from './issued-certificates.ts';
import { readFlagFile } from './read-file.ts';
import { readAuditLogs } from './replay/read-log.ts';
import { repeatable } from './repeatable.ts';
import { replaceFile } from './replace-file.ts';

interface InventoryFlags {
  readonly out: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly inCluster?: true;
  readonly auditLog: readonly string[];
}

const HELP = `
Example:
  $ kube-x509-authn inventory --kubeconfig admin.kubeconfig --out inventory/ --audit-log /var/log/kubernetes/audit.log`;

/** `inventory`: the client certificates that a cluster issued, and those that it has seen. */
export function inventoryCommand(): Command {
  return new Command('inventory')
    .description(
      'collect the client certificates that a cluster issued, and say which others its audit log has seen',
    )
    .requiredOption(
      '--out <dir>',
      'the directory of the inventory; each certificate is a file named for its fingerprint',
    )
    .option('--kubeconfig <file>', 'of who may list CertificateSigningRequests')
    .option('--context <name>', 'the context of the kubeconfig, by default its current one')
    .option('--in-cluster', "in place of a kubeconfig: as the pod's own service account")
    .addOption(repeatable('--audit-log <file>', "kube-apiserver's audit log, or -"))
    .addHelpText('after', HELP)
    .action(inventory);
}

async function inventory(flags: InventoryFlags): Promise<void> {
  const { kubeconfig, inCluster, auditLog } = flags;
  if (kubeconfig !== undefined && inCluster)
    throw new Failure('--in-cluster takes the place of --kubeconfig: give one');
  if (flags.context !== undefined && kubeconfig === undefined)
    throw new Failure('--context goes with --kubeconfig');
  if (kubeconfig !== undefined)
    await collectIssued(flags.out, await loadKubeConfig({ ...flags, kubeconfig }));
  else if (inCluster) await collectIssued(flags.out, await loadInClusterConfig(process.env));
  else if (auditLog.length === 0) throw new Failure('give --kubeconfig or --in-cluster, --audit-log or both');
  const known = readFingerprints(flags.out);
  let unexplained = 0;
  for (const path of auditLog) unexplained += await explain(path, known);
  if (unexplained > 0) {
    throw new Failure(
      `${unexplained} certificate${unexplained === 1 ? ' is' : 's are'} not in ${flags.out}: find out whose they are and add them, or revoke them`,
      1,
    );
  }
}

async function collectIssued(out: string, config: KubeConfig): Promise<void> {
  const counts = { added: 0, known: 0, open: 0, other: 0 };
  for await (const { request, signerName, der } of listIssuedCertificates(config)) {
    if (der === undefined) counts.open += 1;
    else {
      const parsed = parseCertificate(der);
      if (!parsed.ok)
        warn(`${formatText(request)} of ${formatText(signerName)} is passed over: ${parsed.error}`);
      else if (!allowsClientAuth([parsed.certificate])) counts.other += 1;
      else counts[keep(out, parsed.certificate.fingerprint, der)] += 1;
    }
  }
  print(`${counts.added} added to ${out}, ${counts.known} there already`);
  print(`passed over: without a certificate ${counts.open}, for no client ${counts.other}`);
}

function keep(directory: string, fingerprint: string, der: Buffer): 'added' | 'known' {
  const path = join(directory, `${fingerprint}.pem`);
  if (existsSync(path)) return 'known';
  try {
    mkdirSync(directory, { recursive: true });
    replaceFile(path, toPem(der, 'CERTIFICATE'));
  } catch (error) {
    throw new Failure(`--out: cannot write ${path}: ${reasonOf(error)}`);
  }
  return 'added';
}

/** Every certificate below the directory, whoever put it there. */
function readFingerprints(directory: string): ReadonlySet<string> {
  const fingerprints = new Set<string>();
  if (!existsSync(directory)) return fingerprints;
  for (const file of findFiles(directory).files) {
    const parsed = parsePemCertificates(readFlagFile('--out', file).toString('utf8'));
    if (!parsed.ok) warn(`${file} is passed over: ${parsed.error}`);
    else for (const { fingerprint } of parsed.certificates) fingerprints.add(fingerprint);
  }
  return fingerprints;
}

/** Prints the certificates of a log that the inventory has not, and those that no policy reaches; gives the number of the former. */
async function explain(path: string, known: ReadonlySet<string>): Promise<number> {
  const { identities, malformed, overflow } = await readAuditLogs([path]);
  const usages = summarizeUsage(identities);
  const unexplained = usages.filter(({ fingerprint }) => !known.has(fingerprint));
  const masters = usages.filter(({ isMaster }) => isMaster);
  print(
    `${path}: certificates ${usages.length}, not in the inventory ${unexplained.length}, of system:masters ${masters.length}`,
  );
  for (const usage of new Set([...unexplained, ...masters])) print(describeUsage(usage, known));
  if (malformed > 0) warn(`${path}: malformed lines: ${malformed}`);
  if (overflow > 0) warn(`${path}: events of more identities than are kept: ${overflow}`);
  return unexplained.length;
}

function describeUsage(usage: CertificateUsage, known: ReadonlySet<string>): string {
  const { fingerprint, usernames, requests, lastSeen, isMaster } = usage;
  const parts = [
    fingerprint === '' ? 'a credential id that is none' : `X509SHA256=${fingerprint}`,
    usernames.map(formatText).join(', '),
    `requests ${requests}, last ${goTime(lastSeen)}`,
    ...(known.has(fingerprint) ? [] : ['not in the inventory']),
    ...(isMaster ? ['of system:masters: no webhook is asked about it'] : []),
  ];
  return `  ${parts.join('  ')}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function warn(message: string): void {
  process.stderr.write(`kube-x509-authn: warning: ${toPrintable(message)}\n`);
}
