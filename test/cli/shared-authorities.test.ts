import { beforeAll, describe, expect, it } from 'vitest';
import { warnOfFronts } from '../../src/cli/open-fronts.ts';
import { createLog } from '../../src/server/log.ts';
import { toTrustBundle } from '../../src/x509/trust-bundle.ts';
import { compileText } from '../authenticators.ts';
import { type Identity, mintAuthority } from '../pki.ts';

const CONFIG = `apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
x509:
- issuer: {certificateAuthorityFile: ca.pem}
  workload:
    profile: SPIFFE
    trustDomain: prod.example
    federatedTrustDomains: [{name: partner.example, certificateAuthorityFile: partner.pem}]
`;

let ca: Identity;
let partner: Identity;
let proxies: Identity;

beforeAll(async () => {
  ca = await mintAuthority('ca');
  partner = await mintAuthority('partner');
  proxies = await mintAuthority('proxies');
});

/** The entries that are warned of. */
function warnedOf(terminators: readonly Identity[]): readonly string[] {
  const { authenticator } = compileText(CONFIG, { files: { 'ca.pem': ca.pem, 'partner.pem': partner.pem } });
  const bundle = toTrustBundle(terminators.map(({ certificate }) => certificate));
  const lines: string[] = [];
  const log = createLog({ write: (line: string) => void lines.push(line) });
  warnOfFronts(authenticator!, { policy: {}, terminators: { bundle, pem: '' } }, log);
  return lines.map((line) => JSON.parse(line).entry);
}

describe('an authority of terminators is warned of', () => {
  it('where an entry trusts it for its users', () => {
    expect(warnedOf([ca])).toEqual(['x509[0]/']);
  });
  it('where an entry trusts it for a federated trust domain', () => {
    expect(warnedOf([partner])).toEqual(['x509[0]/']);
  });
  it('once for each entry', () => {
    expect(warnedOf([ca, partner])).toEqual(['x509[0]/']);
  });
  it('and not where it certifies terminators alone', () => {
    expect(warnedOf([proxies])).toEqual([]);
  });
});
