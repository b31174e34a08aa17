import { type ProfileName, workloadProfiles } from '../../src/identity/profile.ts';
import type { Workload } from '../../src/identity/workload.ts';
import { buildCertificate, type CertificateTemplate } from '../../src/x509/build.ts';
import { parseCertificate } from '../../src/x509/parse-certificate.ts';
import { type PathVerdict, type VerifiedPath, verifyPath } from '../../src/x509/path.ts';
import { generateKey } from '../../src/x509/signing-key.ts';
import { toTrustBundle } from '../../src/x509/trust-bundle.ts';
import { HOUR, type Identity, mintAuthority, NOW } from '../pki.ts';

/** The trust domain of the tests' workloads, and the authority that is its anchor. */
export const TRUST_DOMAIN = 'cluster.local';
export const authority: Identity = await mintAuthority('workloads');

/** A leaf to be minted; it is issued by `authority` unless another issuer is given. */
export type LeafTemplate = Partial<Omit<CertificateTemplate, 'publicKey' | 'issuer'>> & {
  readonly issuer?: Identity;
};

const key = await generateKey('P-256');

/** Mints a leaf that may be anything; gives its DER. */
export function mintLeaf({ issuer = authority, ...template }: LeafTemplate): Promise<Buffer> {
  return buildCertificate({
    subject: [],
    notBefore: NOW - HOUR,
    notAfter: NOW + HOUR,
    ...template,
    publicKey: key.publicKey,
    issuer: { certificate: issuer.der, key: issuer.key },
  });
}

/** What a leaf is judged with; absent: our own trust domain, and no intermediates. */
interface Surroundings {
  readonly trustDomain?: string;
  readonly intermediates?: readonly Identity[];
}

/** What a profile makes of a certificate: the workload, or the code of what refused it: the parser, the verifier or the profile. */
export async function judge(
  profile: ProfileName,
  template: LeafTemplate,
  { trustDomain = TRUST_DOMAIN, intermediates = [] }: Surroundings = {},
): Promise<Workload | string> {
  const parsed = parseCertificate(await mintLeaf(template));
  if (!parsed.ok) return `unparsable: ${parsed.error}`;
  const { handledExtensions, decode } = workloadProfiles[profile];
  const chain = [parsed.certificate, ...intermediates.map(({ certificate }) => certificate)];
  const verdict = verify(chain, handledExtensions);
  if (verdict.kind === 'refused') return verdict.refusal.code;
  const result = decode(verdict.paths[0], trustDomain);
  return result.ok ? result.workload : result.refusal.code;
}

/** The verified path of a certificate under `authority`. */
export async function pathOf(template: LeafTemplate): Promise<VerifiedPath> {
  const parsed = parseCertificate(await mintLeaf(template));
  if (!parsed.ok) throw new Error(parsed.error);
  const verdict = verify([parsed.certificate], new Set());
  if (verdict.kind === 'refused') throw new Error(verdict.refusal.code);
  return verdict.paths[0];
}

function verify(
  chain: Parameters<typeof verifyPath>[0],
  handledExtensions: ReadonlySet<string>,
): PathVerdict {
  const anchors = toTrustBundle([authority.certificate]);
  return verifyPath(chain, { anchors, at: NOW, maxSignatureChecks: 100, handledExtensions });
}
