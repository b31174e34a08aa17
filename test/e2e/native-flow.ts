import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { run } from '../cli/program.ts';
import { type Serving, startServe } from '../cli/serving.ts';
import { DAY, HOUR, type Identity, mintAuthority, mintClient, mintServing } from '../pki.ts';
import { eventually } from './flow.ts';
import type { Listed, NativeControlPlane, NativeSite, Resource } from './native-control-plane.ts';
import { freePort } from './real-control-plane.ts';

/** In place of 30 s, so that the story is told in seconds. */
const TTL = '2s';

/** A holder of a certificate that kube-apiserver itself accepts. */
interface Holder {
  readonly identity: Identity;
  readonly kubeconfig: string;
}

/** Everything but the control plane: files, certificates, and our webhook, which can be killed and started again. */
interface Stage extends NativeSite {
  readonly people: Readonly<Record<'alice' | 'bob' | 'node' | 'admin', Holder>>;
  webhook: Serving;
  start(): Promise<Serving>;
}

/**
 * The life of native client certificates: used, revoked while kube-apiserver runs, and taken back. Tells of each step; rejects at the
 * first one that is not as it should be.
 */
export async function runNativeFlow(
  startControlPlane: (site: NativeSite) => NativeControlPlane | Promise<NativeControlPlane>,
  tell: (line: string) => void,
): Promise<void> {
  const stage = await setStage();
  let plane: NativeControlPlane | undefined;
  try {
    plane = await startControlPlane(stage);
    tell(`against ${plane.title}`);
    for (const [title, step] of STEPS) {
      await step(stage, plane);
      tell(`ok: ${title}`);
    }
  } finally {
    await plane?.close();
    stage.webhook.process.kill('SIGKILL');
    await stage.webhook.ended;
    rmSync(stage.directory, { recursive: true, force: true });
  }
}

type Step = (stage: Stage, plane: NativeControlPlane) => Promise<void>;

const STEPS: readonly (readonly [string, Step])[] = [
  ['users with native certificates do what RBAC and Node allow', used],
  ['one command, and a certificate is told why it is refused; others are not', revoked],
  ['a kubelet’s certificate is revoked in the same way', nodeRevoked],
  ['a certificate of system:masters passes all the same, and nobody was asked', mastersPass],
  [
    'while the webhook is killed the revoked are back, as failurePolicy NoOpinion says; when it is back they are not',
    killed,
  ],
  ['without its item in the list a certificate works again', takenBack],
];

async function used(
  { people: { alice, bob, node, admin } }: Stage,
  plane: NativeControlPlane,
): Promise<void> {
  // A moment passes until a new binding holds.
  await eventually(() => works(plane, alice, 'namespaces'));
  await works(plane, bob, 'namespaces');
  await works(plane, node, 'services');
  await works(plane, admin, 'namespaces');
  assert.equal((await plane.list(alice.kubeconfig, 'services')).kind, 'forbidden');
}

async function revoked(stage: Stage, plane: NativeControlPlane): Promise<void> {
  const { alice, bob } = stage.people;
  assert.equal(await revoke(stage, alice, 'laptop lost'), '');
  const decisionId = await untilRefused(plane, alice, 'namespaces', 'laptop lost');
  const isLine = (entry: Readonly<Record<string, unknown>>): boolean => entry['decisionId'] === decisionId;
  await eventually(async () => assert.ok(stage.webhook.entries.some(isLine), `no line of ${decisionId}`));
  await works(plane, bob, 'namespaces');
}

async function nodeRevoked(stage: Stage, plane: NativeControlPlane): Promise<void> {
  assert.equal(await revoke(stage, stage.people.node, 'disk sold'), '');
  await untilRefused(plane, stage.people.node, 'services', 'disk sold');
}

async function mastersPass(stage: Stage, plane: NativeControlPlane): Promise<void> {
  const { admin, bob } = stage.people;
  assert.match(await revoke(stage, admin, 'never given out'), /about which kube-apiserver asks no webhook/);
  // When bob is refused the list is in force that has the administrator before him.
  await revoke(stage, bob, 'left');
  await untilRefused(plane, bob, 'namespaces', 'left');
  await works(plane, admin, 'namespaces');
  const { fingerprint } = admin.identity.certificate;
  assert.ok(!JSON.stringify(stage.webhook.entries).includes(fingerprint), 'was asked about system:masters');
}

async function killed(stage: Stage, plane: NativeControlPlane): Promise<void> {
  const { alice } = stage.people;
  stage.webhook.process.kill('SIGKILL');
  await stage.webhook.ended;
  await eventually(() => works(plane, alice, 'namespaces'));
  stage.webhook = await stage.start();
  await untilRefused(plane, alice, 'namespaces', 'laptop lost');
}

async function takenBack(stage: Stage, plane: NativeControlPlane): Promise<void> {
  const { alice, bob } = stage.people;
  const list = readFileSync(join(stage.directory, 'revoked.yaml'), 'utf8');
  const item = new RegExp(
    `^# .*\n- sha256: "${alice.identity.certificate.fingerprint}"\n  reason: .*\n`,
    'm',
  );
  assert.match(list, item);
  stage.write('revoked.yaml', list.replace(item, ''));
  await eventually(() => works(plane, alice, 'namespaces'));
  assert.equal((await plane.list(bob.kubeconfig, 'namespaces')).kind, 'forbidden');
}

async function works(plane: NativeControlPlane, { kubeconfig }: Holder, resource: Resource): Promise<void> {
  assert.deepEqual(await plane.list(kubeconfig, resource), { kind: 'listed' });
}

/** Waits until a holder reads in the 403 why; gives the decision's id. */
async function untilRefused(
  plane: NativeControlPlane,
  { kubeconfig }: Holder,
  resource: Resource,
  reason: string,
): Promise<string> {
  const pattern = new RegExp(`: revocation/revoked: ${reason} \\(decision ([0-9a-f]{16})\\)$`, 'm');
  let listed: Listed | undefined;
  await eventually(async () => {
    listed = await plane.list(kubeconfig, resource);
    assert.equal(listed.kind, 'forbidden');
    assert.match(listed.kind === 'forbidden' ? listed.message : '', pattern);
  });
  return (listed?.kind === 'forbidden' && pattern.exec(listed.message)?.[1]) || '';
}

/** `revoke --kubeconfig`; gives what it warns of. */
async function revoke({ directory }: Stage, { kubeconfig }: Holder, reason: string): Promise<string> {
  const file = join(directory, 'revoked.yaml');
  const { code, stderr } = await run([
    'revoke',
    '--kubeconfig',
    kubeconfig,
    '--reason',
    reason,
    '--file',
    file,
  ]);
  assert.equal(code, 0, stderr);
  return stderr;
}

async function setStage(): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), 'e2e-native-'));
  const write = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    return path;
  };
  const validity = { notBefore: Date.now() - HOUR, notAfter: Date.now() + DAY };
  const ca = await mintAuthority('kubernetes', validity);
  const apiserver = { port: await freePort(), serving: await mintServing() };
  const holder = async (CN: string, O: string): Promise<Holder> => {
    const identity = await mintClient(ca, { subject: [{ CN }, { O }], ...validity });
    return { identity, kubeconfig: write(`${CN}.kubeconfig`, kubeconfigOf(identity, apiserver)) };
  };
  const people = {
    alice: await holder('alice', 'dev'),
    bob: await holder('bob', 'dev'),
    node: await holder('system:node:node-1', 'system:nodes'),
    admin: await holder('kubernetes-super-admin', 'system:masters'),
  };
  const { port, flags } = await writeWebhookFiles(write, directory);
  const start = (): Promise<Serving> => startServe(flags);
  const webhook = await start();
  return {
    ...{ directory, write, apiserver, people, webhook, start },
    clientCaFile: write('client-ca.pem', ca.pem),
    authorizationConfig: await compileAuthorization({ write, directory, port }),
    adminKubeconfig: people.admin.kubeconfig,
  };
}

/** Gives the port of our webhook and the flags of `serve`. */
async function writeWebhookFiles(
  write: Stage['write'],
  directory: string,
): Promise<{ readonly port: number; readonly flags: readonly string[] }> {
  const callers = await mintAuthority('callers-ca', { notBefore: Date.now() - HOUR });
  const caller = await mintClient(callers, {
    subject: [{ CN: 'kube-apiserver' }],
    notBefore: Date.now() - HOUR,
  });
  const serving = await mintServing();
  const port = await freePort();
  const own = { apiVersion: 'kube-x509-authn.dev/v1alpha1' };
  write('caller.crt', caller.pem);
  write('caller.key', caller.keyPem);
  write('revoked.yaml', stringify({ ...own, kind: 'RevocationList' }));
  const revocation = { files: [join(directory, 'revoked.yaml')] };
  const files = {
    'native-policy': write('native.yaml', stringify({ ...own, kind: 'NativeCertificatePolicy', revocation })),
    'tls-cert-file': write('tls.crt', serving.pem),
    'tls-private-key-file': write('tls.key', serving.keyPem),
    'caller-ca-file': write('callers-ca.pem', callers.pem),
  };
  const flags = [
    'serve',
    ...Object.entries(files).map(([flag, file]) => `--${flag}=${file}`),
    '--caller-allowed-names=kube-apiserver',
    `--secure-port=${port}`,
    '--health-bind-address=127.0.0.1:0',
  ];
  return { port, flags };
}

/** What `compile` writes for kube-apiserver, but for the time that an answer is remembered. */
async function compileAuthorization({
  write,
  directory,
  port,
}: Pick<Stage, 'write' | 'directory'> & { readonly port: number }): Promise<string> {
  const flags = {
    'authorization-failure-policy': 'NoOpinion',
    'out-dir': directory,
    'install-dir': directory,
    'webhook-url': `https://127.0.0.1:${port}/authenticate`,
    'webhook-ca-file': join(directory, 'tls.crt'),
    'webhook-client-certificate': join(directory, 'caller.crt'),
    'webhook-client-key': join(directory, 'caller.key'),
  };
  const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  const { code, stderr } = await run(['compile', ...args]);
  assert.equal(code, 0, stderr);
  const path = join(directory, 'authorization-config.yaml');
  assert.equal(
    readFileSync(join(directory, 'apiserver-flags.txt'), 'utf8'),
    `--authorization-config=${path}\n`,
  );
  const text = readFileSync(path, 'utf8');
  assert.match(text, /unauthorizedTTL: 30s/);
  return write('authorization-config.yaml', text.replace('unauthorizedTTL: 30s', `unauthorizedTTL: ${TTL}`));
}

function kubeconfigOf({ pem, keyPem }: Identity, { port, serving }: NativeSite['apiserver']): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    'certificate-authority-data': base64(serving.pem),
  };
  const user = { 'client-certificate-data': base64(pem), 'client-key-data': base64(keyPem) };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'e2e', cluster }],
    users: [{ name: 'holder', user }],
    contexts: [{ name: 'e2e', context: { cluster: 'e2e', user: 'holder' } }],
    'current-context': 'e2e',
  });
}
