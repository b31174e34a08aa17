import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judgeFile } from '../src/cli/dry-run/batch.ts';
import { createTableOutput } from '../src/cli/dry-run/row-output.ts';
import { findCertificateFiles } from '../src/cli/certificate-files.ts';
import { judgeIdentity } from '../src/cli/replay/judge-identity.ts';
import { readLog } from '../src/cli/replay/read-log.ts';
import { collectIdentities } from '../src/cli/replay/seen-identities.ts';
import { choosePalette } from '../src/cli/terminal.ts';
import { credentialId } from '../src/identity/kubernetes-user.ts';
import { authenticatorOf } from '../test/authenticators.ts';
import { type Identity, mintAuthority, mintClient, NOW } from '../test/pki.ts';
import { compare, type Measurement } from './measurement.ts';

const CERTIFICATES = 10_000;

/** What a table of 10,000 certificates may take: seconds. */
const BATCH_LIMIT = 15;

/** Of the audit log that is replayed: MB. */
const LOG_SIZE = 200;

/** An hour's log of a busy cluster has to be replayed in a minute: MB/s. */
const REPLAY_LIMIT = 20;

const ENTRIES = `- issuer: {name: my-ca}
  requestValidationRules:
  - {expression: 'cidr("10.0.0.0/8").containsIP(request.remoteaddr)', message: internal only}
  certificateValidationRules:
  - {expression: 'cert.notAfter - cert.notBefore <= duration("9000h")', message: a year at most}
  userValidationRules:
  - {expression: '!user.username.startsWith("system:")', message: no system users}
`;

/** A batch of certificates from files to a table, and an audit log from a file to who is denied. */
export async function benchDryRun(): Promise<Measurement[]> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-dry-run-'));
  try {
    const ca = await mintAuthority('my-ca');
    const batch = await measureBatch(ca, directory);
    const rate = await measureReplay(ca, directory);
    return [
      compare('dry-run/10000-certificates', 's', { value: batch, baseline: BATCH_LIMIT }),
      compare('replay/audit-log', 'MB/s', { value: rate, baseline: REPLAY_LIMIT }),
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measureBatch(ca: Identity, directory: string): Promise<number> {
  for (let index = 0; index < CERTIFICATES; index += 1) {
    const { pem } = await mintClient(ca, { subject: [{ CN: `user-${index}` }, { O: 'dev' }] });
    writeFileSync(join(directory, `${index}.pem`), pem);
  }
  const started = performance.now();
  const batch = { authenticator: authenticatorOf(ENTRIES, ca.pem), at: NOW, remoteAddress: '10.0.0.1' };
  const output = createTableOutput('all', choosePalette({ env: {} }));
  for (const file of findCertificateFiles([directory])) {
    const row = judgeFile(file, batch);
    if (row !== undefined) output.add(row);
  }
  const table = output.end();
  if (!table.endsWith(`${CERTIFICATES} authenticated\n`))
    throw new Error('the benchmark expected everybody to be let in');
  return (performance.now() - started) / 1000;
}

async function measureReplay(ca: Identity, directory: string): Promise<number> {
  const holders = await Promise.all(Array.from({ length: 50 }, () => mintClient(ca)));
  const events = holders.map(({ certificate }, index) => toEvent(credentialId(certificate), index));
  const block = Buffer.from(Array.from({ length: 20 }, () => events.join('')).join(''));
  const blocks = Math.ceil((LOG_SIZE * 1e6) / block.length);
  const path = join(directory, 'audit.jsonl');
  for (let index = 0; index < blocks; index += 1) writeFileSync(path, block, { flag: 'a' });
  const started = performance.now();
  const log = createReadStream(path, { highWaterMark: 1024 * 1024 });
  const chains = new Map(holders.map(({ certificate }) => [certificate.fingerprint, [certificate] as const]));
  const authenticator = authenticatorOf(ENTRIES, ca.pem);
  const seen = collectIdentities();
  await readLog(log, seen);
  const { identities } = seen;
  const judged = Array.from(identities, (identity) =>
    judgeIdentity(authenticator, identity, chains.get(identity.fingerprint)),
  );
  if (judged.length !== holders.length) throw new Error('the benchmark expected every holder once');
  return (blocks * block.length) / 1e6 / ((performance.now() - started) / 1000);
}

/** An event as kube-apiserver writes it at Metadata level. */
function toEvent(credentialId: string, index: number): string {
  const event = {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: `5a7e6946-2bbf-4559-8352-${String(index).padStart(12, '0')}`,
    stage: 'ResponseComplete',
    requestURI:
      '/apis/apps/v1/namespaces/default/deployments?fieldManager=kubectl-client-side-apply&fieldValidation=Strict',
    verb: 'create',
    user: {
      username: `user-${index}`,
      groups: ['dev', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [credentialId] },
    },
    sourceIPs: ['10.0.0.1'],
    userAgent: 'kubectl/v1.36.0 (linux/amd64) kubernetes/0000000',
    objectRef: {
      resource: 'deployments',
      namespace: 'default',
      name: 'web',
      apiGroup: 'apps',
      apiVersion: 'v1',
    },
    responseStatus: { metadata: {}, code: 201 },
    requestReceivedTimestamp: '2026-06-15T10:00:00.000000Z',
    stageTimestamp: '2026-06-15T10:00:00.010000Z',
    annotations: {
      'authorization.k8s.io/decision': 'allow',
      'authorization.k8s.io/reason':
        'RBAC: allowed by ClusterRoleBinding "dev" of ClusterRole "edit" to Group "dev"',
    },
  };
  return `${JSON.stringify(event)}\n`;
}
