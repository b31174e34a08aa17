import { randomBytes } from 'node:crypto';
import { mintToken } from '../../src/credential/mint-token.ts';
import { buildCertificate } from '../../src/x509/build.ts';
import { toPem } from '../../src/x509/pem.ts';
import type { Certificate } from '../../src/x509/certificate.ts';
import { parseCertificate } from '../../src/x509/parse-certificate.ts';
import { generateKey, type KeyPair } from '../../src/x509/signing-key.ts';
import { AUDIENCE } from '../cli/serving.ts';
import { DAY, HOUR, type Identity, mintAuthority, mintClient } from '../pki.ts';

/** Tokens that somebody may flood the webhook with, each different, and what becomes of them. */
export interface Flood {
  readonly name: string;
  /** The code of the refusal; nothing for tokens that are not ours. */
  readonly code: string | undefined;
  readonly mint: () => string;
}

type Chain = readonly [Certificate, ...Certificate[]];

/** The floods of strangers, from the cheapest to the costliest; `alice` is a user's certificate, whose signature is forged. */
export async function prepareFloods(alice: Identity): Promise<readonly Flood[]> {
  const stranger = await mintClient(await mintAuthority('my-ca', validity()), validity());
  const costly = await mintCostliestChain();
  return [
    { name: 'garbage', code: undefined, mint: () => randomBytes(600).toString('base64url') },
    {
      name: 'garbage behind our prefix',
      code: 'token/malformed',
      mint: () => `kube-x509-v1.${randomBytes(600).toString('base64url')}`,
    },
    {
      name: 'bad signatures',
      code: 'possession/bad-signature',
      mint: () => forge(tokenOf([alice.certificate], alice.key)),
    },
    {
      name: 'unknown authority',
      code: 'path/unknown-authority',
      mint: () => tokenOf([stranger.certificate], stranger.key),
    },
    {
      name: 'the costliest keys',
      code: 'path/signature-limit',
      mint: () => tokenOf(costly.chain, costly.key),
    },
  ];
}

/** A client certificate whose chain costs as much as can be, and its key, PEM. */
export async function mintCostliestClient(): Promise<{ readonly cert: string; readonly key: string }> {
  const { chain, key } = await mintCostliestChain();
  const cert = chain.map(({ der }) => toPem(der, 'CERTIFICATE')).join('');
  return { cert, key: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

function validity(): { readonly notBefore: number; readonly notAfter: number } {
  return { notBefore: Date.now() - HOUR, notAfter: Date.now() + DAY };
}

function tokenOf(chain: Chain, key: KeyPair['privateKey']): string {
  const iat = Math.floor(Date.now() / 1000);
  const token = mintToken({
    chain,
    key,
    claims: { aud: AUDIENCE, iat, exp: iat + 600, jti: randomBytes(16).toString('base64url') },
  });
  if (token === undefined) throw new Error('the key signs no tokens');
  return token;
}

/** The same token with a signature of random bits. */
function forge(token: string): string {
  return token.replace(/[^.]+$/, randomBytes(64).toString('base64url'));
}

/**
 * Eight P-521 certificates that may all have issued each other: one subject, one key, and alternative names that keep them apart. Every
 * signature is genuine, none leads to an anchor, and there is always another path to try. P-521 is what OpenSSL takes longest over.
 */
async function mintCostliestChain(): Promise<{ readonly chain: Chain; readonly key: KeyPair['privateKey'] }> {
  const { publicKey, privateKey } = await generateKey('P-521');
  const issuer = { selfSignedBy: privateKey };
  const mint = async (isCA: boolean, name: string): Promise<Certificate> => {
    const usages = isCA
      ? { isCA, keyUsages: ['keyCertSign' as const] }
      : { extKeyUsages: ['clientAuth' as const] };
    const subject = [{ CN: 'nobody' }];
    const der = await buildCertificate({
      subject,
      publicKey,
      issuer,
      ...validity(),
      subjectKeyId: 'absent',
      dnsSANs: [name],
      ...usages,
    });
    const parsed = parseCertificate(der);
    if (!parsed.ok) throw new Error(parsed.error);
    return parsed.certificate;
  };
  const others = await Promise.all(
    Array.from({ length: 7 }, (_, index) => mint(true, `ca-${index}.example`)),
  );
  return { chain: [await mint(false, 'leaf.example'), ...others], key: privateKey };
}
