import { Failure } from './failure.ts';

/**
 * The URL that `--issuer-url` names, as it was written: kube-apiserver compares it so.
 *
 * @throws Failure for one that kube-apiserver would not take for an issuer's.
 */
export function parseIssuerUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw new Failure(
      `--issuer-url: ${JSON.stringify(text)} is not an https URL without user, query and fragment`,
    );
  }
  return text;
}
