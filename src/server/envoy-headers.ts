import { hash } from 'node:crypto';
import { BadHeader } from './bad-header.ts';
import type { CertificateHeaders } from './certificate-headers.ts';
import { readEscapedPem } from './forwarded-pem.ts';

const NAME = 'x-forwarded-client-cert';

/** Keys of an element; those of the second list may come more than once. */
const SINGLE_KEYS: readonly string[] = ['by', 'hash', 'cert', 'chain', 'subject'];
const REPEATED_KEYS: readonly string[] = ['uri', 'dns'];

/** A key and a value, which is quoted where it has a comma, semicolon or equals sign in it. */
const PAIR = /(?<key>[A-Za-z]+)=(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<plain>[^",;=\\]*))(?<end>;|$)/y;

/**
 * Envoy's x-forwarded-client-cert, of one element: Envoy must be set to SANITIZE_SET, so that no other proxy, and no client, has a say. `Cert` is
 * the leaf and `Chain` the whole chain; where there are both they agree, and so does `Hash`.
 */
export const envoyHeaders: CertificateHeaders = {
  names: [NAME],
  read({ [NAME]: element }) {
    if (element === undefined) return [];
    const pairs = readPairs(element);
    const certificates = readLeafAndChain(pairs);
    const [leaf] = certificates;
    const hashOfLeaf = pairs.get('hash');
    if (leaf === undefined) throw new BadHeader(`${NAME} has neither Cert nor Chain`);
    if (hashOfLeaf !== undefined && hashOfLeaf.toLowerCase() !== hash('sha256', leaf, 'hex')) {
      throw new BadHeader(`${NAME}: Hash is not the SHA-256 of the certificate`);
    }
    return certificates;
  },
};

function readPairs(element: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  let end = 0;
  while (end < element.length) {
    PAIR.lastIndex = end;
    const match = PAIR.exec(element);
    if (match === null) throw new BadHeader(`${NAME} is not one element of keys and values`);
    const { key = '', quoted, plain = '' } = match.groups ?? {};
    const name = key.toLowerCase();
    if (!SINGLE_KEYS.includes(name) && !REPEATED_KEYS.includes(name)) {
      throw new BadHeader(`${NAME}: ${JSON.stringify(key)} is no key of an element`);
    }
    if (SINGLE_KEYS.includes(name) && pairs.has(name)) throw new BadHeader(`${NAME} has ${key} twice`);
    pairs.set(name, quoted?.replaceAll(/\\(.)/g, '$1') ?? plain);
    end = PAIR.lastIndex;
  }
  return pairs;
}

function readLeafAndChain(pairs: ReadonlyMap<string, string>): readonly Buffer[] {
  const [cert, chain] = ['cert', 'chain'].map((key) => {
    const escaped = pairs.get(key);
    return escaped === undefined ? undefined : readEscapedPem(`${NAME}: ${key}`, escaped);
  });
  if (cert !== undefined && cert.length !== 1)
    throw new BadHeader(`${NAME}: Cert has more than one certificate`);
  const [leaf] = cert ?? [];
  if (leaf !== undefined && chain?.[0]?.equals(leaf) === false) {
    throw new BadHeader(`${NAME}: Chain does not begin with Cert`);
  }
  return chain ?? cert ?? [];
}
