import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { type LogEntry, type Serving, startServe } from '../cli/serving.ts';
import { DAY, HOUR, type Identity, mintAuthority, mintClient, mintServing } from '../pki.ts';
import { findSecret } from '../server/secrets.ts';
import type { ControlPlane, Site, Whoami } from './control-plane.ts';
import { NGINX, startNginx } from './nginx.ts';
import { freePort } from './real-control-plane.ts';

const AUDIENCE = 'x509.e2e.example';

/** A policy with a rule that asks for the client's address. */
function fromAddress(address: string): string {
  return policy(NO_SYSTEM_GROUPS, 'no system groups', {
    requestValidationRules: [
      { expression: `request.remoteaddr == "${address}"`, message: `only from ${address}` },
    ],
  });
}

/** The people of the story, all with certificates of one CA. */
interface People {
  readonly alice: Identity;
  readonly mallory: Identity;
  readonly bob: Identity;
}

/** Everything but the control plane: files, certificates, and our webhook, which can be killed and started again. */
interface Stage extends Site {
  readonly people: People;
  readonly port: number;
  readonly terminator: Identity;
  readonly terminatorPort: number;
  webhook: Serving;
  start(): Promise<Serving>;
}

/**
 * The whole way of a login, from the certificate to the API server's audit log. Tells of each step; rejects at the first one that is
 * not as it should be.
 */
export async function runFlow(
  startControlPlane: (site: Site) => ControlPlane | Promise<ControlPlane>,
  tell: (line: string) => void,
): Promise<void> {
  const stage = await setStage();
  let plane: ControlPlane | undefined;
  try {
    plane = await startControlPlane(stage);
    tell(`against ${plane.title}`);
    for (const [title, step] of STEPS) {
      const outcome = await step(stage, plane);
      tell(`${outcome ?? 'ok'}: ${title}`);
    }
  } catch (error) {
    tell(`the end of the API server's log:\n${plane?.log().slice(-4000) ?? ''}`);
    throw error;
  } finally {
    await plane?.close();
    stage.webhook.process.kill('SIGKILL');
    await stage.webhook.ended;
    rmSync(stage.directory, { recursive: true, force: true });
  }
}

type Step = (stage: Stage, plane: ControlPlane) => Promise<void | 'skipped'>;

const STEPS: readonly (readonly [string, Step])[] = [
  ['an allowed certificate is its user', allowed],
  ['a denied one is nobody, and both logs have the reason under one decision id', denied],
  ['a revoked one is nobody, from the moment the list is there', revoked],
  ['a new policy holds without a restart, and so does the one after it', policyChange],
  ['a bad policy changes nothing', badPolicy],
  [
    'where a rule asks for the address, a session that was exchanged from there is a login, and a token is none',
    addressed,
  ],
  ['behind nginx the certificate itself is the login, from where a rule says', behindNginx],
  ['while the webhook is killed nobody logs in; when it is back they do', killed],
  ["the API server's audit log joins our trail by credential id, and no log has a token", audited],
];

async function allowed({ people: { alice } }: Stage, plane: ControlPlane): Promise<void> {
  assert.deepEqual(await plane.whoami(alice), {
    kind: 'user',
    user: {
      username: 'alice',
      groups: ['dev', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [credentialIdOf(alice)] },
    },
  });
}

async function denied({ webhook, people }: Stage, plane: ControlPlane): Promise<void> {
  assert.equal((await plane.whoami(people.mallory)).kind, 'unauthorized');
  const { decisionId } = await untilDenied(webhook, 'user/denied');
  const reason = `[invalid bearer token, user/denied: no system groups (decision ${decisionId})]`;
  await eventually(async () =>
    assert.ok(plane.log().includes(reason), `${reason} in:\n${plane.log().slice(-2000)}`),
  );
}

async function revoked(stage: Stage, plane: ControlPlane): Promise<void> {
  const { bob } = stage.people;
  assert.equal(nameOf(await plane.whoami(bob)), 'bob');
  const fingerprints = [{ sha256: bob.certificate.fingerprint, reason: 'laptop lost' }];
  stage.write('revoked.yaml', revocationList(fingerprints));
  await eventually(async () => assert.equal((await plane.whoami(bob)).kind, 'unauthorized'));
  const { why } = await untilDenied(stage.webhook, 'revocation/revoked');
  assert.equal(why, 'the certificate is revoked: laptop lost');
  assert.equal(nameOf(await plane.whoami(stage.people.alice)), 'alice');
}

async function policyChange(stage: Stage, plane: ControlPlane): Promise<void> {
  const { alice } = stage.people;
  stage.write('authn.yaml', policy('user.username != "alice"', 'closed for alice'));
  await eventually(async () => assert.equal((await plane.whoami(alice)).kind, 'unauthorized'));
  stage.write('authn.yaml', policy(NO_SYSTEM_GROUPS, 'no system groups'));
  await eventually(async () => assert.equal(nameOf(await plane.whoami(alice)), 'alice'));
}

async function badPolicy(stage: Stage, plane: ControlPlane): Promise<void> {
  stage.write('authn.yaml', policy('user.nobody', 'does not compile'));
  await eventually(async () =>
    assert.ok(
      stage.webhook.entries.some(({ msg }) => msg.startsWith('failed to load authentication config')),
    ),
  );
  assert.equal(nameOf(await plane.whoami(stage.people.alice)), 'alice');
  stage.write('authn.yaml', policy(NO_SYSTEM_GROUPS, 'no system groups'));
}

async function addressed(stage: Stage, plane: ControlPlane): Promise<void> {
  const { alice } = stage.people;
  stage.write('authn.yaml', fromAddress('127.0.0.1'));
  await eventually(async () => assert.equal((await plane.whoami(alice)).kind, 'unauthorized'));
  await untilDenied(stage.webhook, 'request/remoteaddr-unknown');
  assert.equal(nameOf(await plane.whoami(alice, 'session')), 'alice');
  stage.write('authn.yaml', fromAddress('127.0.0.9'));
  await eventually(async () =>
    assert.rejects(plane.whoami(alice, 'session'), /request\/denied: only from 127\.0\.0\.9/),
  );
  stage.write('authn.yaml', policy(NO_SYSTEM_GROUPS, 'no system groups'));
  await eventually(async () => assert.equal(nameOf(await plane.whoami(alice)), 'alice'));
}

async function behindNginx(stage: Stage, plane: ControlPlane): Promise<void | 'skipped'> {
  if (!NGINX.isInstalled && process.env['CI'] !== 'true') return 'skipped';
  const { directory, exchange, nginx, people, terminator, terminatorPort } = stage;
  const running = startNginx({
    directory,
    write: (name, text) => stage.write(name, text),
    port: nginx.port,
    authn: { port: terminatorPort, ca: exchange.ca },
    terminator,
    upstream: plane.server,
    headersMore: 'not-loaded',
  });
  try {
    stage.write('authn.yaml', fromAddress('127.0.0.1'));
    await eventually(async () =>
      assert.equal(nameOf(await plane.whoami(people.alice, 'certificate')), 'alice'),
    );
    await assert.rejects(
      plane.whoami(people.mallory, 'certificate'),
      /\(Forbidden\): user\/denied: no system groups \(decision /,
    );
    stage.write('authn.yaml', fromAddress('127.0.0.9'));
    await eventually(async () =>
      assert.rejects(
        plane.whoami(people.alice, 'certificate'),
        /\(Forbidden\): request\/denied: only from 127\.0\.0\.9 \(decision /,
      ),
    );
  } finally {
    running.kill('SIGTERM');
    stage.write('authn.yaml', policy(NO_SYSTEM_GROUPS, 'no system groups'));
  }
  await eventually(async () => assert.equal(nameOf(await plane.whoami(people.alice)), 'alice'));
  return undefined;
}

async function killed(stage: Stage, plane: ControlPlane): Promise<void> {
  const { alice } = stage.people;
  stage.webhook.process.kill('SIGKILL');
  await stage.webhook.ended;
  assert.equal((await plane.whoami(alice)).kind, 'unauthorized');
  stage.webhook = await stage.start();
  await eventually(async () => assert.equal(nameOf(await plane.whoami(alice)), 'alice'));
}

async function audited({ directory, people: { alice }, webhook }: Stage, plane: ControlPlane): Promise<void> {
  const { lines, text } = plane.audit();
  const ids = lines
    .filter(({ user, requestURI }) => user.username === 'alice' && requestURI.includes('selfsubjectreviews'))
    .map(({ user }) => user.extra?.['authentication.kubernetes.io/credential-id']?.[0]);
  assert.ok(ids.length >= 4, `${ids.length} reviews by alice`);
  assert.deepEqual([...new Set(ids)], [credentialIdOf(alice)]);
  assert.ok(
    lines.some(({ user, responseStatus }) => responseStatus?.code === 401 && user.username === undefined),
  );
  const trail = readFileSync(join(directory, 'audit.log'), 'utf8');
  const logins = trail
    .split('\n')
    .filter((line) => line.includes(`"credentialId":"${credentialIdOf(alice)}"`));
  assert.ok(logins.some((line) => line.includes('"outcome":"authenticated"')));
  const logs = [text, trail, plane.log(), JSON.stringify(webhook.entries)];
  assert.equal(findSecret(logs.flatMap((log) => log.split('\n'))), undefined);
}

const NO_SYSTEM_GROUPS = 'user.groups.all(group, !group.startsWith("system:"))';

async function setStage(): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), 'e2e-'));
  const write = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    return path;
  };
  const validity = { notBefore: Date.now() - HOUR, notAfter: Date.now() + DAY };
  const [users, callers] = [
    await mintAuthority('users-ca', validity),
    await mintAuthority('callers-ca', validity),
  ];
  const person = (CN: string, O: string): Promise<Identity> =>
    mintClient(users, { subject: [{ CN }, { O }], ...validity });
  const people = {
    alice: await person('alice', 'dev'),
    mallory: await person('mallory', 'system:masters'),
    bob: await person('bob', 'dev'),
  };
  const port = await freePort();
  const webhookKubeconfig = await writeWebhookFiles({ write, port, users, callers, validity });
  const [exchangePort, terminatorPort, nginxPort] = [await freePort(), await freePort(), await freePort()];
  const terminators = await mintAuthority('terminators', validity);
  const terminator = await mintClient(terminators, { subject: [{ CN: 'nginx' }], ...validity });
  write('terminators.pem', terminators.pem);
  const exchange = { url: `https://127.0.0.1:${exchangePort}/exchange`, ca: join(directory, 'tls.crt') };
  const start = (): Promise<Serving> =>
    startServe(flagsOf(directory, { port, exchangePort, terminatorPort }));
  const nginx = { port: nginxPort, ca: exchange.ca };
  const webhook = await start();
  return {
    ...{ directory, audience: AUDIENCE, webhookKubeconfig, exchange, nginx, write, people, port },
    ...{ terminator, terminatorPort, webhook, start },
  };
}

interface WebhookFiles extends Pick<Site, 'write'> {
  readonly port: number;
  readonly users: Identity;
  readonly callers: Identity;
  readonly validity: { readonly notBefore: number; readonly notAfter: number };
}

async function writeWebhookFiles({ write, port, users, callers, validity }: WebhookFiles): Promise<string> {
  const serving = await mintServing();
  const caller = await mintClient(callers, { subject: [{ CN: 'kube-apiserver' }], ...validity });
  write('authn.yaml', policy(NO_SYSTEM_GROUPS, 'no system groups'));
  write('revoked.yaml', revocationList([]));
  write('users-ca.pem', users.pem);
  write('callers-ca.pem', callers.pem);
  write('tls.key', serving.keyPem);
  const cluster = {
    server: `https://127.0.0.1:${port}/authenticate`,
    'certificate-authority': write('tls.crt', serving.pem),
  };
  const user = {
    'client-certificate': write('caller.crt', caller.pem),
    'client-key': write('caller.key', caller.keyPem),
  };
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'webhook', cluster }],
    users: [{ name: 'kube-apiserver', user }],
    contexts: [{ name: 'webhook', context: { cluster: 'webhook', user: 'kube-apiserver' } }],
    'current-context': 'webhook',
  };
  return write('webhook.kubeconfig', stringify(kubeconfig));
}

function flagsOf(
  directory: string,
  {
    port,
    exchangePort,
    terminatorPort,
  }: Readonly<Record<'port' | 'exchangePort' | 'terminatorPort', number>>,
): readonly string[] {
  const flags = {
    config: 'authn.yaml',
    'certificate-authority-file': 'users-ca.pem',
    'revocation-file': 'revoked.yaml',
    'tls-cert-file': 'tls.crt',
    'tls-private-key-file': 'tls.key',
    'caller-ca-file': 'callers-ca.pem',
    'audit-log-path': 'audit.log',
  };
  return [
    'serve',
    ...Object.entries(flags).map(([flag, file]) => `--${flag}=${join(directory, file)}`),
    '--caller-allowed-names=kube-apiserver',
    `--audience=${AUDIENCE}`,
    `--secure-port=${port}`,
    `--exchange-bind-address=127.0.0.1:${exchangePort}`,
    `--cert-dir=${directory}`,
    `--terminator-bind-address=127.0.0.1:${terminatorPort}`,
    `--terminator-ca-file=${join(directory, 'terminators.pem')}`,
    '--terminator-allowed-names=nginx',
    '--terminator-certificate-header=nginx',
    '--terminator-address-header=X-Real-IP',
    '--health-bind-address=127.0.0.1:0',
  ];
}

function policy(expression: string, message: string, more: object = {}): string {
  return stringify({
    apiVersion: 'apiserver.config.k8s.io/v1beta1',
    kind: 'AuthenticationConfiguration',
    x509: [{ issuer: { name: 'users-ca' }, userValidationRules: [{ expression, message }], ...more }],
  });
}

function revocationList(fingerprints: readonly object[]): string {
  return stringify({ apiVersion: 'kube-x509-authn.dev/v1alpha1', kind: 'RevocationList', fingerprints });
}

function credentialIdOf({ certificate }: Identity): string {
  return `X509SHA256=${certificate.fingerprint}`;
}

function nameOf(whoami: Whoami): string {
  return whoami.kind === 'user' ? whoami.user.username : whoami.message;
}

/** The webhook's line of a denial with a code; lines come a moment after their answers. */
async function untilDenied({ entries }: Serving, code: string): Promise<LogEntry> {
  const find = (): LogEntry | undefined => entries.find((entry) => entry['code'] === code);
  await eventually(async () => assert.ok(find(), `no line with ${code}`));
  return find()!;
}

/** Waits until an assertion holds, for as long as files may take to be noticed without file events. */
export async function eventually(assertion: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + 90_000;
  for (;;) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(100);
    }
  }
}
