import { toRemoteAddress } from '../authenticator/remote-address.ts';
import { BadHeader } from './bad-header.ts';
import type { CertificateHeaders } from './certificate-headers.ts';
import { envoyHeaders } from './envoy-headers.ts';
import { nginxHeaders } from './nginx-headers.ts';
import { rfc9440Headers } from './rfc9440-headers.ts';

/** The forms in which a terminator may hand on a certificate, by what its flag calls them. */
export const CERTIFICATE_FORMS: Readonly<Record<'rfc9440' | 'nginx' | 'envoy', CertificateHeaders>> = {
  rfc9440: rfc9440Headers,
  nginx: nginxHeaders,
  envoy: envoyHeaders,
};

/** Which headers a terminator is believed. */
export interface TerminatorHeaders {
  readonly form: keyof typeof CERTIFICATE_FORMS;
  /** In lower case; absent: nobody says the address. */
  readonly addressHeader?: string;
}

/** What a terminator says of its client, or what is wrong with how it says it. */
export type Forwarded =
  | {
      readonly ok: true;
      readonly certificates: readonly Buffer[];
      readonly remoteAddress: string | undefined;
    }
  | { readonly ok: false; readonly error: string };

/** Characters of a header's value; a chain of eight certificates fits. */
const MAX_VALUE = 32 * 1024;

/**
 * Reads a terminator's headers, as they came. Only the form that is switched on is read; a header of another form, one that came twice, and one
 * that is not exactly what it should be refuse the request: somebody else than the terminator had a hand in it.
 */
export function readForwarded(rawHeaders: readonly string[], headers: TerminatorHeaders): Forwarded {
  const { form, addressHeader } = headers;
  try {
    const values = collect(rawHeaders, headers);
    const certificates = CERTIFICATE_FORMS[form].read(values);
    const address = addressHeader === undefined ? undefined : values[addressHeader];
    return {
      ok: true,
      certificates,
      remoteAddress: address === undefined ? undefined : readAddress(address),
    };
  } catch (error) {
    if (error instanceof BadHeader) return { ok: false, error: error.message };
    throw error;
  }
}

function collect(
  rawHeaders: readonly string[],
  { form, addressHeader }: TerminatorHeaders,
): Readonly<Record<string, string>> {
  const wanted: readonly string[] = [
    ...CERTIFICATE_FORMS[form].names,
    ...(addressHeader === undefined ? [] : [addressHeader]),
  ];
  const foreign = new Set<string>(Object.values(CERTIFICATE_FORMS).flatMap(({ names }) => names));
  for (const name of wanted) foreign.delete(name);
  const values: Record<string, string> = {};
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    if (foreign.has(name)) throw new BadHeader(`${name} is not the form that is switched on`);
    if (!wanted.includes(name)) continue;
    if (Object.hasOwn(values, name)) throw new BadHeader(`${name} came twice`);
    if (value.length > MAX_VALUE) throw new BadHeader(`${name} is longer than ${MAX_VALUE} characters`);
    values[name] = value;
  }
  return values;
}

function readAddress(text: string): string {
  const address = toRemoteAddress(text);
  if (address === undefined) throw new BadHeader('the address header is not one IP address');
  return address;
}
