import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { get } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { generateKey } from '../../src/x509/signing-key.ts';
import { type Identity, mintServing } from '../pki.ts';
import {
  type ControlPlane,
  type CredentialKind,
  filesOf,
  pluginOf,
  type Site,
  type Whoami,
} from './control-plane.ts';

/** How long etcd and kube-apiserver may take to be ready, and to end. */
const PATIENCE_MS = 120_000;

/** The binaries, by envtest's convention: a directory with etcd, kube-apiserver and kubectl. */
export function findAssets(directory: string | undefined): string | undefined {
  if (directory === undefined || directory === '') return undefined;
  for (const name of ['etcd', 'kube-apiserver', 'kubectl'])
    if (!existsSync(join(directory, name))) throw new Error(`KUBEBUILDER_ASSETS: no ${name} in ${directory}`);
  return directory;
}

/** Starts etcd and a kube-apiserver that asks the webhook, both on loopback. */
export async function startRealControlPlane(assets: string, site: Site): Promise<ControlPlane> {
  const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
  const serving = await mintServing();
  const etcd = start(join(assets, 'etcd'), [
    `--data-dir=${join(site.directory, 'etcd')}`,
    `--listen-client-urls=http://127.0.0.1:${etcdPort}`,
    `--advertise-client-urls=http://127.0.0.1:${etcdPort}`,
    `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
    '--unsafe-no-fsync',
  ]);
  const auditLog = join(site.directory, 'kube-apiserver-audit.log');
  const flags = await apiserverFlags({ site, serving, port, etcdPort, auditLog });
  const apiserver = start(join(assets, 'kube-apiserver'), flags);
  const processes = [apiserver, etcd];
  const close = async (): Promise<void> => {
    for (const { child, ended } of processes) {
      child.kill('SIGTERM');
      await Promise.race([ended, delay(10_000, undefined, { ref: false })]);
      child.kill('SIGKILL');
    }
  };
  try {
    await untilReady(port, serving, processes);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    title: `kube-apiserver of ${assets}`,
    whoami: (holder, by = 'token') =>
      whoami(join(assets, 'kubectl'), toKubeconfig({ site, serving, port, holder, by }), site),
    server: { port, ca: join(site.directory, 'apiserver.crt') },
    log: () => apiserver.output(),
    audit() {
      const text = existsSync(auditLog) ? readFileSync(auditLog, 'utf8') : '';
      // The last line may be half-written.
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      return {
        text: whole,
        lines: whole
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line)),
      };
    },
    close,
  };
}

interface ApiserverParts {
  readonly site: Site;
  readonly serving: Identity;
  readonly port: number;
  readonly etcdPort: number;
  readonly auditLog: string;
}

async function apiserverFlags({
  site,
  serving,
  port,
  etcdPort,
  auditLog,
}: ApiserverParts): Promise<string[]> {
  const { publicKey, privateKey } = await generateKey('P-256');
  const policy = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level: 'Metadata' }] };
  const files = {
    'tls-cert-file': site.write('apiserver.crt', serving.pem),
    'tls-private-key-file': site.write('apiserver.key', serving.keyPem),
    'service-account-key-file': site.write(
      'sa.pub',
      publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    ),
    'service-account-signing-key-file': site.write(
      'sa.key',
      privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ),
    'audit-policy-file': site.write('audit-policy.yaml', stringify(policy)),
    'authentication-token-webhook-config-file': site.webhookKubeconfig,
  };
  const values = {
    ...files,
    'audit-log-path': auditLog,
    'audit-log-mode': 'blocking',
    'authentication-token-webhook-version': 'v1',
    'authentication-token-webhook-cache-ttl': '0s',
    'authorization-mode': 'RBAC',
    'bind-address': '127.0.0.1',
    'cert-dir': site.directory,
    'disable-admission-plugins': 'ServiceAccount',
    'etcd-servers': `http://127.0.0.1:${etcdPort}`,
    'secure-port': String(port),
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-cluster-ip-range': '10.0.0.0/24',
  };
  return Object.entries(values).map(([flag, value]) => `--${flag}=${value}`);
}

function toKubeconfig(
  parts: Pick<ApiserverParts, 'site' | 'serving' | 'port'> & { holder: Identity; by: CredentialKind },
): string {
  const { site, serving, port, holder, by } = parts;
  const cluster =
    by === 'certificate'
      ? { server: `https://127.0.0.1:${site.nginx.port}`, 'certificate-authority': site.nginx.ca }
      : {
          server: `https://127.0.0.1:${port}`,
          'certificate-authority-data': Buffer.from(serving.pem).toString('base64'),
        };
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'e2e', cluster }],
    users: [{ name: 'holder', user: toUser(holder, site, by) }],
    contexts: [{ name: 'e2e', context: { cluster: 'e2e', user: 'holder' } }],
    'current-context': 'e2e',
  };
  return site.write(`${holder.certificate.fingerprint.slice(0, 16)}.kubeconfig`, stringify(kubeconfig));
}

function toUser(holder: Identity, site: Site, by: CredentialKind): object {
  if (by === 'certificate') {
    const { cert, key } = filesOf(holder, site);
    return { 'client-certificate': cert, 'client-key': key };
  }
  const { command, args } = pluginOf(holder, site, by);
  return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command, args, interactiveMode: 'Never' } };
}

function whoami(kubectl: string, kubeconfig: string, { directory }: Site): Promise<Whoami> {
  const args = [
    '--kubeconfig',
    kubeconfig,
    '--cache-dir',
    join(directory, 'cache'),
    'auth',
    'whoami',
    '-o',
    'json',
  ];
  const env = { PATH: process.env['PATH'], HOME: directory };
  return new Promise((resolve, reject) => {
    execFile(kubectl, args, { env }, (error, stdout, stderr) => {
      if (error === null) {
        const { username, groups = [], extra = {} } = JSON.parse(stdout).status.userInfo;
        resolve({ kind: 'user', user: { username, groups, extra } });
      } else if (stderr.includes('Unauthorized')) resolve({ kind: 'unauthorized', message: stderr });
      else reject(new Error(stderr));
    });
  });
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  readonly output: () => string;
}

function start(program: string, args: readonly string[]): Running {
  const child = spawn(program, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
  const ended = new Promise((resolve) => child.once('close', resolve).once('error', resolve));
  return { child, ended, output: () => text };
}

async function untilReady(port: number, serving: Identity, processes: readonly Running[]): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await isReady(port, serving))) {
    const dead = processes.find(({ child }) => child.exitCode !== null);
    if (dead !== undefined || performance.now() > deadline)
      throw new Error(`not ready:\n${(dead ?? processes[0])?.output().slice(-4000)}`);
    await delay(250);
  }
}

function isReady(port: number, serving: Identity): Promise<boolean> {
  return new Promise((resolve) => {
    const call = get(`https://127.0.0.1:${port}/readyz`, { ca: serving.pem, timeout: 5000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(false));
  });
}

/** A port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object'
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}
