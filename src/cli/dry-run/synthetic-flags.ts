import { reasonOf } from '../../server/reason-of.ts';
import type { StructuredName } from '../../x509/build-name.ts';
import { Failure } from '../failure.ts';
import type { Chain } from '../read-certificates.ts';
import { parseLifetime } from './flags.ts';
import { mintSynthetic, type StandIn } from './stand-in.ts';

/** The flags that describe a certificate that nobody issued. */
export interface SyntheticFlags {
  readonly subject: readonly string[];
  readonly uriSan: readonly string[];
  readonly dnsSan: readonly string[];
  readonly ipSan: readonly string[];
  readonly emailSan: readonly string[];
  readonly lifetime?: string;
}

/** Whether the flags describe a certificate at all. */
export function isSynthetic({ subject, uriSan, dnsSan, ipSan, emailSan }: SyntheticFlags): boolean {
  return [subject, uriSan, dnsSan, ipSan, emailSan].some((values) => values.length > 0);
}

/**
 * The certificate that the flags describe, issued by a stand-in at an instant (milliseconds since the epoch).
 *
 * @throws Failure for one that X.509 cannot express.
 */
export async function mintFromFlags(flags: SyntheticFlags, issuer: StandIn, at: number): Promise<Chain> {
  const template = {
    subject: flags.subject.map(parseAttribute),
    uriSANs: flags.uriSan,
    dnsSANs: flags.dnsSan,
    ipSANs: flags.ipSan,
    emailSANs: flags.emailSan,
    notBefore: at,
    notAfter: at + parseLifetime('--lifetime', flags.lifetime ?? '1h'),
  };
  const leaf = await mintSynthetic(issuer, template).catch((error: unknown) => {
    throw new Failure(`there is no certificate like that: ${reasonOf(error)}`);
  });
  return [leaf];
}

/** One attribute a flag: what follows the first `=` is its value, whatever is in it. */
function parseAttribute(text: string): StructuredName[number] {
  const index = text.indexOf('=');
  if (index <= 0) {
    throw new Failure(
      `--subject: ${JSON.stringify(text)} is no attribute: expected one, as in CN=alice or O=dev`,
    );
  }
  return { [text.slice(0, index)]: text.slice(index + 1) };
}
