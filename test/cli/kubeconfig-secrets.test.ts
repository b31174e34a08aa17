import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadKubeConfig } from '../../src/cli/cluster-client.ts';
import { Failure } from '../../src/cli/failure.ts';
import { listIssuedCertificates } from '../../src/cli/issued-certificates.ts';
import { readClientCertificate } from '../../src/cli/kubeconfig.ts';
import { findNamedCertificate } from '../../src/cli/named-certificate.ts';
import { findKubeconfigApiServer } from '../../src/kube/kubeconfig.ts';

let directory: string;
const warnings: string[] = [];
const note = (warning: Error): void => void warnings.push(String(warning));

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
  process.on('warning', note);
});

afterAll(() => {
  process.off('warning', note);
  rmSync(directory, { recursive: true, force: true });
});

/** Every way in which a command reads a kubeconfig; each ends with what it would print. */
const readers: readonly (readonly [string, (kubeconfig: string) => unknown])[] = [
  ['dry-run', (kubeconfig) => readClientCertificate(kubeconfig)],
  ['revoke', (kubeconfig) => findNamedCertificate({ kubeconfig })],
  ['inventory', async (kubeconfig) => listIssuedCertificates(await loadKubeConfig({ kubeconfig })).next()],
  [
    'caller-token',
    (kubeconfig) => {
      const found = findKubeconfigApiServer(kubeconfig);
      throw new Failure(found.ok ? 'found' : found.error);
    },
  ],
];

function withUser(user: object, server = 'https://127.0.0.1:1'): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'one', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'one',
  });
}

const files: readonly (readonly [string, string])[] = [
  ['a colon too many', 'users:\n- name: u\n  user:\n    token: SECRET: SECRET\n'],
  ['a quote too few', 'users:\n- name: u\n  user:\n    client-key-data: "SECRET\nkind: Config\n'],
  ['a tab', 'users:\n\t- token: SECRET\n'],
  ['an alias of nothing', 'users: *SECRET\n'],
  ['a tag of its own', 'users: !SECRET {token: SECRET}\n'],
  ['a key that is a map', 'users: []\n? {token: SECRET}\n: x\n'],
  ['a key twice', 'SECRET: 1\nSECRET: 2\n'],
  ['nothing but a word', 'SECRET'],
  ['lists of other things', '{"users": ["SECRET"], "contexts": [{"token": "SECRET"}]}'],
  ['a token that no header takes', withUser({ token: 'SECRET\nSECRET' })],
  [
    'a certificate that is none',
    withUser({ 'client-certificate-data': 'U0VDUkVU', 'client-key-data': 'U0VDUkVU' }),
  ],
  ['a password in the URL', withUser({ token: 'SECRET' }, 'https://u:SECRET@127.0.0.1:1/?token=SECRET')],
  ['a password in a plain URL', withUser({ token: 'SECRET' }, 'http://u:SECRET@127.0.0.1:1')],
  [
    'a credential plugin that prints no JSON',
    withUser({
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: process.execPath,
        args: ['-e', 'console.log("SECRET")'],
        interactiveMode: 'Never',
      },
    }),
  ],
];

describe.each(files)('of a kubeconfig with %s', (title, text) => {
  it.each(readers)('%s prints nothing that may be secret', async (_, read) => {
    const kubeconfig = join(directory, `${files.findIndex(([each]) => each === title)}.kubeconfig`);
    writeFileSync(kubeconfig, text);
    const outcome = await Promise.resolve(kubeconfig)
      .then(read)
      .catch((error: unknown) => error);
    // Of a kubeconfig that holds a certificate in base64 `dry-run` reads on.
    if (outcome !== 'SECRET') expect(outcome).toBeInstanceOf(Failure);
    expect(outcome instanceof Failure ? outcome.message : '').not.toMatch(/SECRET|U0VDUkVU/);
    await new Promise(setImmediate);
    expect(warnings).toEqual([]);
  });
});
