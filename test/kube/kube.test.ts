import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FoundApiServer } from '../../src/kube/api-server.ts';
import { findInClusterApiServer } from '../../src/kube/in-cluster.ts';
import { fetchIssuerKeys } from '../../src/kube/issuer-keys.ts';
import { callJson } from '../../src/kube/json-request.ts';
import { findKubeconfigApiServer } from '../../src/kube/kubeconfig.ts';
import { requestToken } from '../../src/kube/token-request.ts';
import { NOW } from '../pki.ts';
import { type FakeApiServer, startFakeApiServer } from './fake-api-server.ts';

const CALLER = { namespace: 'kube-system', name: 'caller' };

let directory: string;
let fake: FakeApiServer;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'kube-'));
  fake = await startFakeApiServer(() => NOW);
});

afterAll(async () => {
  await fake.close();
  rmSync(directory, { recursive: true, force: true });
});

beforeEach(() => {
  fake.bearer = 'pod-token';
  fake.faults.length = 0;
  fake.requests.length = 0;
  fake.wishes.length = 0;
});

/** The kubelet's mount in a pod. */
async function mountServiceAccount(): Promise<string> {
  const mount = join(directory, 'serviceaccount');
  mkdirSync(mount, { recursive: true });
  fake.bearer = await fake.sign({ sub: 'system:serviceaccount:authn:refresher' });
  writeFileSync(join(mount, 'token'), `${fake.bearer}\n`);
  writeFileSync(join(mount, 'ca.crt'), fake.serving.pem);
  return mount;
}

function writeKubeconfig(user: object, cluster: object = {}, more: object = {}): string {
  const path = join(directory, 'kubeconfig');
  writeFileSync(join(directory, 'ca.pem'), fake.serving.pem);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [
      { name: 'other', context: {} },
      { name: 'here', context: { cluster: 'c', user: 'u' } },
    ],
    clusters: [{ name: 'c', cluster: { server: fake.url, 'certificate-authority': 'ca.pem', ...cluster } }],
    users: [{ name: 'u', user }],
    ...more,
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

function found(result: FoundApiServer): Extract<FoundApiServer, { ok: true }> {
  if (!result.ok) throw new Error(result.error);
  return result;
}

const WISH = { serviceAccount: CALLER, audience: 'webhook.example', lifetime: 3600 };

describe('a TokenRequest', () => {
  it('asks as the pod’s own service account for a token bound to the audience', async () => {
    const mount = await mountServiceAccount();
    const port = new URL(fake.url).port;
    const inCluster = found(
      findInClusterApiServer({ KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: port }, mount),
    );
    expect(inCluster.serviceAccount).toEqual({ namespace: 'authn', name: 'refresher' });
    const answer = await requestToken(inCluster.apiServer, WISH);
    expect(answer).toEqual({ ok: true, token: expect.any(String), expiresAt: NOW + 3600_000 });
    expect(answer.ok && decodeJwt(answer.token)).toMatchObject({
      aud: ['webhook.example'],
      sub: 'system:serviceaccount:kube-system:caller',
    });
    expect(fake.requests).toEqual(['POST /api/v1/namespaces/kube-system/serviceaccounts/caller/token']);
    expect(fake.wishes).toEqual([
      {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { audiences: ['webhook.example'], expirationSeconds: 3600 },
      },
    ]);
  });

  it.each([
    [403, false],
    [404, false],
    [500, false],
    [400, true],
    [422, true],
  ])('that is answered with %i says why, and whether asking again can help', async (code, isFinal) => {
    const { apiServer } = found(findKubeconfigApiServer(writeKubeconfig({ token: fake.bearer })));
    fake.faults.push(code);
    expect(await requestToken(apiServer, WISH)).toEqual({
      ok: false,
      isFinal,
      error: expect.stringContaining(`answered ${code}: not now`),
    });
  });

  it.each([
    ['no JSON', 'hello', /and not with JSON/],
    ['no token', '{"status":{"expirationTimestamp":"2026-01-01T00:00:00Z"}}', /without a token/],
    [
      'a token of two lines',
      '{"status":{"token":"a\\nb","expirationTimestamp":"2026-01-01T00:00:00Z"}}',
      /without a token/,
    ],
    ['no expiry', '{"status":{"token":"a"}}', /without a token and its expirationTimestamp/],
  ])('that is answered with %s is a failure', async (_, body, error) => {
    const { apiServer } = found(findKubeconfigApiServer(writeKubeconfig({ token: fake.bearer })));
    fake.faults.push(body);
    expect(await requestToken(apiServer, WISH)).toEqual({
      ok: false,
      isFinal: false,
      error: expect.stringMatching(error),
    });
  });
});

describe('a kubeconfig', () => {
  it.each([
    ['a token', () => ({ token: 'pod-token' })],
    [
      'a token file, relative to the kubeconfig',
      () => (writeFileSync(join(directory, 'token'), 'pod-token\n'), { tokenFile: 'token', token: 'older' }),
    ],
  ])('with %s is enough', async (_, user) => {
    const { apiServer } = found(findKubeconfigApiServer(writeKubeconfig(user())));
    expect((await requestToken(apiServer, WISH)).ok).toBe(true);
  });

  it('reads a token file anew for each call', async () => {
    writeFileSync(join(directory, 'token'), 'pod-token');
    const { apiServer } = found(findKubeconfigApiServer(writeKubeconfig({ tokenFile: 'token' })));
    fake.bearer = 'rotated';
    expect((await requestToken(apiServer, WISH)).ok).toBe(false);
    writeFileSync(join(directory, 'token'), 'rotated');
    expect((await requestToken(apiServer, WISH)).ok).toBe(true);
    rmSync(join(directory, 'token'));
    expect(await requestToken(apiServer, WISH)).toMatchObject({
      ok: false,
      isFinal: false,
      error: expect.stringContaining('cannot read the credentials'),
    });
  });

  it('may hold certificates inline', () => {
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const { pem, keyPem } = fake.serving;
    const user = { 'client-certificate-data': base64(pem), 'client-key-data': base64(keyPem) };
    const cluster = { 'certificate-authority-data': base64(pem), 'tls-server-name': 'kubernetes' };
    expect(found(findKubeconfigApiServer(writeKubeconfig(user, cluster))).apiServer.identity()).toEqual({
      authorities: pem,
      serverName: 'kubernetes',
      clientCertificate: { certificate: pem, key: keyPem },
    });
  });

  it.each([
    ['a program', { user: { exec: { command: 'x' } } }, 'exec is not supported here'],
    ['a password', { user: { username: 'x', password: 'y' } }, 'username is not supported here'],
    [
      'no verification',
      { cluster: { 'insecure-skip-tls-verify': true } },
      'insecure-skip-tls-verify is not supported here',
    ],
    ['a proxy', { cluster: { 'proxy-url': 'http://x' } }, 'proxy-url is not supported here'],
    ['plain http', { cluster: { server: 'http://127.0.0.1' } }, 'server is not an https URL'],
    [
      'a password in the server’s URL',
      { cluster: { server: 'https://u:p@127.0.0.1' } },
      'a user and password in server are not supported here',
    ],
    [
      'what is no key',
      { user: { 'client-certificate-data': 'eA==', 'client-key-data': 'eA==' } },
      'client-certificate and client-key must be PEM',
    ],
    ['a token of two lines', { user: { token: 'a\nb' } }, 'the token is not one word of printable ASCII'],
    [
      'a certificate without its key',
      { user: { 'client-certificate-data': 'eA==' } },
      'client-certificate and client-key go together',
    ],
    ['no current context', { more: { 'current-context': '' } }, 'current-context is missing'],
    ['an unknown context', { more: { 'current-context': 'x' } }, 'contexts: there is none named "x"'],
    ['a missing file', { user: { tokenFile: 'nowhere' } }, 'ENOENT'],
  ])('with %s is refused', (_, parts, error) => {
    const { user = {}, cluster = {}, more = {} } = parts as Partial<Record<string, object>>;
    expect(findKubeconfigApiServer(writeKubeconfig(user, cluster, more))).toEqual({
      ok: false,
      error: expect.stringContaining(error),
    });
  });
});

describe('outside a cluster', () => {
  it.each([
    ['the variables are not set', {}, /this is no pod of a cluster/],
    [
      'there is no token',
      { KUBERNETES_SERVICE_HOST: '::1', KUBERNETES_SERVICE_PORT: '443' },
      /no service account token/,
    ],
  ])('because %s there is no API server', (_, environment, error) => {
    expect(findInClusterApiServer(environment, join(directory, 'nowhere'))).toEqual({
      ok: false,
      error: expect.stringMatching(error),
    });
  });
});

describe('an issuer’s keys', () => {
  const identity = (): object => ({ authorities: fake.serving.pem, bearer: fake.bearer });

  it('are found by discovery', async () => {
    expect(await fetchIssuerKeys(fake.issuer, identity())).toEqual({ ok: true, keySet: await fake.keySet() });
    expect(fake.requests).toEqual(['GET /.well-known/openid-configuration', 'GET /openid/v1/jwks']);
  });

  it.each([
    [
      'another issuer',
      () => `{"issuer":"https://evil.example","jwks_uri":"${fake.url}/openid/v1/jwks"}`,
      /names the issuer "https:\/\/evil.example"/,
    ],
    ['no jwks_uri', () => `{"issuer":"${fake.issuer}"}`, /has no jwks_uri/],
    [
      'a jwks_uri that is not https',
      () => `{"issuer":"${fake.issuer}","jwks_uri":"http://127.0.0.1/x"}`,
      /not an https URL/,
    ],
    ['null', () => 'null', /names the issuer undefined/],
  ])('are refused where the configuration has %s', async (_, configuration, error) => {
    fake.faults.push(configuration());
    expect(await fetchIssuerKeys(fake.issuer, identity())).toEqual({
      ok: false,
      error: expect.stringMatching(error),
    });
  });
});

describe('a call', () => {
  const get = (url: string, identity: object = { authorities: fake.serving.pem, bearer: fake.bearer }) =>
    callJson({ method: 'GET', url: new URL(url), identity });

  it('trusts only the authorities it is given', async () => {
    expect(await get(fake.url, {})).toMatchObject({
      ok: false,
      error: expect.stringMatching(/self-signed certificate/),
    });
  });

  it('ends where the answer is over 1 MiB', async () => {
    fake.faults.push(`"${'x'.repeat(1024 * 1024)}"`);
    expect(await get(fake.url)).toMatchObject({
      ok: false,
      error: expect.stringContaining('over 1048576 bytes'),
    });
  });

  it('says what cannot be sent', async () => {
    const clientCertificate = { certificate: 'x', key: 'y' };
    expect(await get(fake.url, { clientCertificate })).toMatchObject({ ok: false });
    const answer = await get(fake.url, { bearer: 'SECRET\nSECRET' });
    expect(answer).toEqual({ ok: false, error: expect.not.stringContaining('SECRET') });
  });

  it('says that nobody is there', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect(await get(`https://127.0.0.1:${port}`)).toMatchObject({
      ok: false,
      error: expect.stringContaining('ECONNREFUSED'),
    });
  });
});
