import { reasonOf } from '../../server/reason-of.ts';
import { parseInstant } from '../dry-run/flags.ts';
import { mintSynthetic, type StandIn } from '../dry-run/stand-in.ts';
import { Failure } from '../failure.ts';
import { type Chain, readCertificates } from '../read-certificates.ts';
import { readFlagFile } from '../read-file.ts';
import type { CaseCertificate } from './policy-test-file.ts';

/** Where a case stands, in words; when it happens unless it says so; and where the files are that it names. */
export interface Surroundings {
  readonly place: string;
  readonly now: number;
  readonly fromHere: (name: string) => string;
}

/** An hour: the lifetime of a certificate of which nothing else is said. */
const LIFETIME = 3600 * 1000;

/**
 * The certificates that a case has in files, leaf first.
 *
 * @throws Failure naming the case and the file.
 */
export function readCaseChain({ file = '', chain }: CaseCertificate, surroundings: Surroundings): Chain {
  const read = (name: string): Chain => {
    const result = readCertificates(readFlagFile(surroundings.place, surroundings.fromHere(name)));
    if (!result.ok) throw new Failure(`${surroundings.place}: ${name}: ${result.error}`);
    return result.chain;
  };
  const [leaf, ...others] = read(file);
  return chain === undefined ? [leaf, ...others] : [leaf, ...others, ...read(chain)];
}

/**
 * The certificate that a case describes, issued by a stand-in at an instant.
 *
 * @throws Failure naming the case, for one that X.509 cannot express.
 */
export async function mintCaseChain(
  { notBefore: from, notAfter: until, subject = [], ...names }: CaseCertificate,
  issuer: StandIn,
  {
    place,
    at,
    serialNumber,
  }: { readonly place: string; readonly at: number; readonly serialNumber?: bigint },
): Promise<Chain> {
  const notBefore = from === undefined ? at : parseInstant(`${place}: notBefore`, from);
  const notAfter = until === undefined ? notBefore + LIFETIME : parseInstant(`${place}: notAfter`, until);
  const { uriSANs = [], dnsSANs = [], ipSANs = [], emailSANs = [], extKeyUsages } = names;
  const template = { subject, uriSANs, dnsSANs, ipSANs, emailSANs, notBefore, notAfter };
  const leaf = await mintSynthetic(issuer, {
    ...template,
    ...(extKeyUsages !== undefined && { extKeyUsages }),
    ...(serialNumber !== undefined && { serialNumber }),
  }).catch((error: unknown) => {
    throw new Failure(`${place}: there is no certificate like that: ${reasonOf(error)}`);
  });
  return [leaf];
}
