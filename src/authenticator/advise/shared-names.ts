import type { Certificate } from '../../x509/certificate.ts';
import { commonName } from '../../x509/name.ts';
import type { Entry } from '../authenticator.ts';
import type { Advice, Finding } from './advice.ts';
import { nameOf } from './anchor-health.ts';

/** A name that does not tell which authority is meant. */
export const sharedName: Advice = {
  id: 'trust/shared-name',
  severity: 'warning',
  title: 'two anchors have the name that an entry trusts',
  explanation:
    'The entry takes certificates by the name of their issuer, and two of its anchors with different keys have that name, so that it takes those of both. A name is no identity: anybody can make an authority of any name. Give the entry a bundle of its own with certificateAuthority or certificateAuthorityFile that has only the authority that is meant. While an authority is replaced by another of the same name, both are meant: say so in a suppression. Two certificates of one key are one authority.',
  find: ({ authenticator }) => authenticator.entries.flatMap(findShared),
};

function findShared({ index, issuerName, anchors }: Entry): readonly Finding[] {
  if (issuerName === '') return [];
  const byKey = new Map<string, Certificate>();
  for (const anchor of anchors.anchors) {
    if (commonName(anchor.subject) === issuerName)
      byKey.set(anchor.publicKey.spki.toString('latin1'), anchor);
  }
  if (byKey.size < 2) return [];
  const names = [...byKey.values()].map(nameOf).join(' and ');
  const path = `x509[${index}].issuer.name`;
  return [{ path, message: `${path}: ${byKey.size} anchors have this name and different keys: ${names}` }];
}
