import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { type Identity, mintAuthority, mintClient, mintServing } from '../pki.ts';
import {
  flagsOf,
  freshReview,
  openWorkplace,
  review,
  type Serving,
  startServe,
  type Workplace,
} from './serving.ts';

/** A directory of files that `serve` follows. */
interface Volume {
  readonly directory: string;
  /** Puts new texts in place of some files, all at once or one by one. */
  readonly put: (texts: Readonly<Record<string, string>>, serving?: Serving) => Promise<void> | void;
}

let place: Workplace;
let caller: Identity;
let server: Serving | undefined;
/** Two versions of every file: the first lets alice in. */
let versions: readonly [Record<string, string>, Record<string, string>];

beforeAll(async () => {
  place = await openWorkplace();
  const [callers, others, strangers, next] = await Promise.all([
    mintAuthority('callers'),
    mintAuthority('callers'),
    mintAuthority('my-ca'),
    mintServing(),
  ]);
  caller = await mintClient(callers, { subject: [{ CN: 'kube-apiserver' }] });
  const list = 'apiVersion: kube-x509-authn.dev/v1alpha1\nkind: RevocationList\nserials:\n';
  const { serialNumber } = place.alice.certificate;
  const serial = serialNumber.toString(16);
  versions = [
    {
      'authn.yaml': configOf('true'),
      'ca.pem': place.ca.pem,
      'revoked.yaml': `${list}- {serial: "01", issuerName: nobody}\n`,
      'callers.pem': callers.pem,
      'tls.crt': place.serving.pem,
      'tls.key': place.serving.keyPem,
    },
    {
      'authn.yaml': configOf('false'),
      'ca.pem': strangers.pem,
      'revoked.yaml': `${list}- {serial: "${serial}", issuerName: my-ca}\n`,
      'callers.pem': others.pem,
      'tls.crt': next.pem,
      'tls.key': next.keyPem,
    },
  ];
});

afterAll(() => place.remove());

afterEach(async () => {
  server?.process.kill('SIGKILL');
  await server?.ended;
  server = undefined;
});

function configOf(expression: string): string {
  return `apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
x509:
- issuer: {name: my-ca}
  userValidationRules:
  - {expression: '${expression}', message: the second version}
`;
}

/** The flags for the files of a directory. */
function filesIn(directory: string): readonly string[] {
  const path = (file: string): string => join(directory, file);
  return [
    ...['--config', path('authn.yaml'), '--certificate-authority-file', path('ca.pem')],
    ...['--revocation-file', path('revoked.yaml'), '--caller-ca-file', path('callers.pem')],
    ...['--caller-allowed-names', 'kube-apiserver'],
    ...['--tls-cert-file', path('tls.crt'), '--tls-private-key-file', path('tls.key')],
  ];
}

/** Plain files, each changed in one way. */
function plain(
  name: string,
  change: (path: string, text: string, serving?: Serving) => Promise<void> | void,
): Volume {
  const directory = place.path(name);
  mkdirSync(directory);
  for (const [file, text] of Object.entries(versions[0])) writeFileSync(join(directory, file), text);
  return {
    directory,
    async put(texts, serving) {
      for (const [file, text] of Object.entries(texts)) await change(join(directory, file), text, serving);
    },
  };
}

/** A projected volume as the kubelet writes it: files are links into `..data`, a link to a directory that is replaced. */
function projected(name: string): Volume {
  const directory = place.path(name);
  mkdirSync(directory);
  let generation = 0;
  const put = (texts: Readonly<Record<string, string>>): void => {
    const former = `..${generation}`;
    generation += 1;
    const present = `..${generation}`;
    mkdirSync(join(directory, present));
    if (existsSync(join(directory, former)))
      for (const file of readdirSync(join(directory, former)))
        copyFileSync(join(directory, former, file), join(directory, present, file));
    for (const [file, text] of Object.entries(texts)) writeFileSync(join(directory, present, file), text);
    symlinkSync(present, join(directory, '..data_tmp'));
    renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
    rmSync(join(directory, former), { recursive: true, force: true });
  };
  put(versions[0]);
  for (const file of Object.keys(versions[0])) symlinkSync(`..data/${file}`, join(directory, file));
  return { directory, put };
}

const isNotTaken = async (serving: Serving): Promise<void> => {
  await eventually(async () =>
    expect((await serving.get('/readyz?verbose')).text).toContain('a newer version is not taken'),
  );
};

const isTaken = async (serving: Serving): Promise<void> => {
  await eventually(async () =>
    expect((await serving.get('/readyz?verbose')).text).not.toContain('a newer version is not taken'),
  );
};

const WAYS: readonly [string, (name: string) => Volume][] = [
  ['swapped as the kubelet does', projected],
  [
    'replaced by a rename',
    (name) =>
      plain(name, (path, text) => {
        writeFileSync(`${path}.new`, text);
        renameSync(`${path}.new`, path);
      }),
  ],
  [
    'truncated and written',
    (name) =>
      plain(name, (path, text) => {
        const descriptor = openSync(path, 'r+');
        ftruncateSync(descriptor, 0);
        for (const line of text.split(/(?<=\n)/)) writeSync(descriptor, line);
        closeSync(descriptor);
      }),
  ],
  [
    'deleted, and there again later',
    (name) =>
      plain(name, async (path, text, serving) => {
        unlinkSync(path);
        if (serving !== undefined) await isNotTaken(serving);
        writeFileSync(path, text);
      }),
  ],
];

/** Whether alice is let in, over which serving certificate, and why not. */
async function ask({ port }: Serving): Promise<string> {
  const ca = versions.map((version) => version['tls.crt']).join('');
  const { code, status } = await review(freshReview(place.alice), {
    port,
    ca,
    cert: caller.pem,
    key: caller.keyPem,
  });
  if (typeof status === 'string') return `${code} ${status.split(':')[0]}`;
  return status.authenticated === true ? 'authenticated' : (status.error?.split(':')[0] ?? '');
}

function certificateOf({ port }: Serving): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

describe.each(WAYS)('files that are %s', (way, open) => {
  it('are taken, each of them, and the former ones again', async () => {
    const volume = open(way.replaceAll(/\W+/g, '-'));
    const serving = await startServe([...flagsOf(place), ...filesIn(volume.directory)]);
    server = serving;
    expect(await ask(serving)).toBe('authenticated');
    for (const [file, outcome] of [
      ['authn.yaml', 'user/denied'],
      ['ca.pem', 'path/unknown-authority'],
      ['revoked.yaml', 'revocation/revoked'],
      ['callers.pem', '401 caller/untrusted-certificate'],
    ] as const) {
      await volume.put({ [file]: versions[1][file] ?? '' }, serving);
      await eventually(async () => expect(await ask(serving)).toBe(outcome));
      await volume.put({ [file]: versions[0][file] ?? '' }, serving);
      await eventually(async () => expect(await ask(serving)).toBe('authenticated'));
    }
    const first = await certificateOf(serving);
    const pair = ['tls.crt', 'tls.key'] as const;
    for (const [version, order] of [
      [versions[1], pair],
      [versions[0], pair.toReversed()],
    ] as const) {
      const before = await certificateOf(serving);
      const texts = order.map((file) => [file, version[file] ?? ''] as const);
      await volume.put(Object.fromEntries(texts.slice(0, 1)), serving);
      await isNotTaken(serving);
      expect(await certificateOf(serving)).toBe(before);
      await volume.put(Object.fromEntries(texts.slice(1)), serving);
      await eventually(async () => expect(await certificateOf(serving)).not.toBe(before));
    }
    expect([await certificateOf(serving), await ask(serving)]).toEqual([first, 'authenticated']);
    await isTaken(serving);
  }, 60_000);
});

describe('a file that cannot be read', () => {
  it('leaves everything as it was until it is back, whichever it is', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const texts: Record<string, string> = {
      ...versions[0],
      'jwks.json': JSON.stringify({ keys: [publicKey.export({ format: 'jwk' })] }),
      'native.yaml': 'apiVersion: kube-x509-authn.dev/v1alpha1\nkind: NativeCertificatePolicy\n',
    };
    const directory = place.path('unreadable');
    const path = (file: string): string => join(directory, file);
    mkdirSync(directory);
    for (const [file, text] of Object.entries(texts)) writeFileSync(path(file), text);
    const tokens = ['--caller-token-audience', 'webhook.example', '--caller-token-subjects', 'x'];
    const serving = await startServe([
      ...flagsOf(place),
      ...filesIn(directory),
      ...['--native-policy', path('native.yaml')],
      ...['--caller-token-issuer', 'https://x', ...tokens, '--caller-token-jwks-file', path('jwks.json')],
    ]);
    server = serving;
    const spoils: ((file: string) => void)[] = [
      () => undefined,
      (file) => mkdirSync(file),
      (file) => symlinkSync('nowhere', file),
      (file) => symlinkSync(file, file),
      (file) => execFileSync('mkfifo', [file]),
    ];
    for (const [file, text] of Object.entries(texts)) {
      for (const spoil of spoils) {
        rmSync(path(file), { recursive: true });
        spoil(path(file));
        await isNotTaken(serving);
        expect([file, await ask(serving)]).toEqual([file, 'authenticated']);
        rmSync(path(file), { recursive: true, force: true });
        writeFileSync(path(file), text);
        await isTaken(serving);
      }
    }
    expect(await ask(serving)).toBe('authenticated');
  }, 60_000);
});
