import { maySignCertificates } from '../../x509/issuance.ts';
import type { Certificate } from '../../x509/certificate.ts';
import { commonName } from '../../x509/name.ts';
import { anchorSetsOf, distinctAnchorSets } from '../anchor-sets.ts';
import type { Advice, Finding } from './advice.ts';
import type { Subject } from './subject.ts';

const DAY = 24 * 60 * 60 * 1000;

/** Time enough to introduce another authority before one expires. */
const EXPIRY_WARNING_DAYS = 90;

/** NIST SP 800-131A: fewer bits are not to be used since 2014. */
const MIN_RSA_BITS = 2048;

/** An anchor that no path can end in any more. */
export const anchorExpired: Advice = {
  id: 'anchor/expired',
  severity: 'error',
  title: 'an anchor has expired',
  explanation:
    'The certificate of an authority has expired, or is not valid yet, so that nothing verifies up to it: every login by a certificate of it is refused. Replace it by its successor, or take it out of the bundle.',
  find: forAnchors(({ notBefore, notAfter }, at) => {
    if (notAfter < at) return `expired on ${dateOf(notAfter)}`;
    return notBefore > at ? `is not valid before ${dateOf(notBefore)}` : undefined;
  }),
};

/** An anchor that expires soon. */
export const anchorExpiresSoon: Advice = {
  id: 'anchor/expires-soon',
  severity: 'warning',
  title: 'an anchor expires within 90 days',
  explanation:
    'The certificate of an authority expires within 90 days; from then on every login by a certificate of it is refused. Add the successor to the bundle now, so that certificates of both verify while clients change over.',
  find: forAnchors(({ notBefore, notAfter }, at) => {
    const isSoon = notBefore <= at && notAfter >= at && notAfter - at < EXPIRY_WARNING_DAYS * DAY;
    return isSoon
      ? `expires on ${dateOf(notAfter)}, in ${Math.floor((notAfter - at) / DAY)} days`
      : undefined;
  }),
};

/** An anchor whose key or signature can be forged. */
export const anchorWeak: Advice = {
  id: 'anchor/weak',
  severity: 'warning',
  title: 'an anchor is weak',
  explanation:
    'The certificate of an authority is signed with SHA-1 or MD5, or has an RSA key of fewer than 2048 bits. A key that short can be factored by who is willing to pay for it, and then signs any identity. The signature of an anchor is itself never checked; one with SHA-1 says how old the authority is, and what the certificates under it may be signed with. Replace the authority.',
  find: forAnchors(({ publicKey, signatureAlgorithm }) => {
    if (publicKey.algorithm === 'RSA' && publicKey.bits < MIN_RSA_BITS) {
      return `has an RSA key of ${publicKey.bits} bits; ${MIN_RSA_BITS} is the least to use`;
    }
    if (publicKey.algorithm === 'DSA') return 'has a DSA key, by which nothing verifies';
    return signatureAlgorithm.kind === 'insecure' ? `is signed with ${signatureAlgorithm.name}` : undefined;
  }),
};

/** An anchor that signs nothing. */
export const anchorNotAuthority: Advice = {
  id: 'anchor/not-a-ca',
  severity: 'warning',
  title: 'an anchor is no certificate authority',
  explanation:
    'The certificate may not sign others: it has no basicConstraints with CA:TRUE, or a key usage without keyCertSign. As an anchor it vouches for nobody but itself, so that its holder can log in with it, and no certificate under it verifies. This is usually a client or serving certificate that was put into the bundle by mistake.',
  find: forAnchors((anchor) =>
    maySignCertificates(anchor) ? undefined : 'is no certificate authority: it can vouch for itself alone',
  ),
};

type Judge = (anchor: Certificate, at: number) => string | undefined;

function forAnchors(judge: Judge): Advice['find'] {
  return ({ authenticator, surroundings: { at, certificateAuthorityFile } }: Subject) => {
    const findings: Finding[] = [];
    for (const { path, bundle, anchorsOf } of distinctAnchorSets(anchorSetsOf(authenticator.entries))) {
      const file = anchorsOf === 'server' ? ` in ${certificateAuthorityFile}` : '';
      for (const anchor of bundle.anchors) {
        const problem = judge(anchor, at);
        if (problem !== undefined)
          findings.push({ path, message: `${path}: ${nameOf(anchor)}${file} ${problem}` });
      }
    }
    return findings;
  };
}

/** An authority, as people tell it from others. */
export function nameOf({ subject, fingerprint }: Certificate): string {
  const name = commonName(subject);
  return `${name === '' ? 'an authority without a common name' : JSON.stringify(name)} (SHA-256 ${fingerprint.slice(0, 16)}…)`;
}

function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
