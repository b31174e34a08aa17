import { judgeSession } from '../../src/authenticator/judge-session.ts';
import { mintSession } from '../../src/credential/mint-session.ts';
import { openSession } from '../../src/credential/open-session.ts';
import { readSessionKey, type SessionKey } from '../../src/credential/session-key.ts';
import { SESSION_PREFIX, SESSION_TYPE, type SessionClaims } from '../../src/credential/session-token.ts';
import { signJws } from '../../src/x509/jws.ts';
import { createPathVerifier } from '../../src/x509/path-verifier.ts';
import { generateKey } from '../../src/x509/signing-key.ts';
import { NOW } from './corpus.ts';
import { mutateText } from './mutate.ts';
import type { Random } from './random.ts';
import type { Target } from './target.ts';

const AUDIENCE = 'x509.fuzz.example';

const CLAIMS: SessionClaims = {
  aud: AUDIENCE,
  iat: NOW / 1000,
  exp: NOW / 1000 + 300,
  jti: '0011223344556677',
  entry: { id: 'x509[0]/my-ca', hash: 'sha256:00' },
  possession: 'proved',
  credentialId: 'X509SHA256=00',
  user: { username: 'alice', uid: '', groups: ['dev'], extra: { 'example.org/x': ['y'] } },
  path: [{ serial: '1', fingerprint: '00', publicKey: '00', authorityKeyId: '' }],
};

/** A session token: what strangers make of one, and what our own key may have signed in another version; with the PEM of the key. */
export async function sessionTarget(): Promise<Target> {
  const { privateKey } = await generateKey('P-256');
  const pem = Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const key = toKey(pem);
  const valid = mintSession(CLAIMS, key) ?? '';
  return {
    name: 'session',
    generate: (random) => {
      const isStrange = random.oneIn(2);
      const token = isStrange ? strangeSession(key, random) : mutateText(valid, random);
      return [Buffer.from(token), pem, Buffer.from(isStrange ? 'ours' : 'forged')];
    },
    run([token = Buffer.alloc(0), pem = Buffer.alloc(0), whose = Buffer.alloc(0)]) {
      const opened = openSession(token.toString(), { audiences: [AUDIENCE], keys: [toKey(pem)], at: NOW });
      if (opened.kind !== 'opened') return undefined;
      const { claims } = opened;
      if (whose.toString() === 'forged' && JSON.stringify(claims) !== JSON.stringify(CLAIMS))
        return 'other claims are read than were signed';
      const judgement = judgeSession({ entries: [], paths: createPathVerifier() }, claims, NOW);
      if (judgement.kind !== 'denied') return 'a session holds of an entry that is not there';
      const { username, uid, groups, extra } = claims.user;
      const values = [username, uid, ...groups, ...Object.values(extra).flat()];
      return values.every((value) => typeof value === 'string') ? undefined : 'the user is none';
    },
  };
}

function toKey(pem: Buffer): SessionKey {
  const read = readSessionKey(pem);
  if (!read.ok) throw new Error(read.error);
  return read.key;
}

/** Claims of any kind, signed by our own key. */
function strangeSession({ id, algorithm, privateKey }: SessionKey, random: Random): string {
  const header = random.oneIn(6)
    ? oddly({ typ: SESSION_TYPE, alg: algorithm, kid: id }, random)
    : { typ: SESSION_TYPE, alg: algorithm, kid: id };
  const input = [header, oddly(CLAIMS, random)]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${SESSION_PREFIX}${input}.${signJws(privateKey, algorithm, Buffer.from(input)).toString('base64url')}`;
}

const VALUES: readonly unknown[] = [
  null,
  0,
  -1,
  1e300,
  '',
  [],
  [[]],
  {},
  true,
  ['x'],
  '__proto__',
  NOW,
  { toString: 1 },
];

/** The object with a value somewhere in it that is not as it should be. */
function oddly(value: object, random: Random): object {
  const fields = Object.entries(value);
  if (fields.length === 0) return value;
  const [name, field] = random.pick(fields);
  const isDeep = typeof field === 'object' && field !== null && random.oneIn(2);
  const changed: unknown = isDeep ? oddly(field, random) : random.pick(VALUES);
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === name ? changed : item));
  const key = random.oneIn(8) ? random.pick(['__proto__', 'constructor', 'nbf']) : name;
  return Object.fromEntries([...fields.filter(([one]) => one !== key), [key, changed]]);
}
