import type { Log } from '../server/log.ts';
import { reasonOf } from '../server/reason-of.ts';
import { ensureServingCertificate, type ServingCertificateFiles } from '../server/serving-certificate.ts';
import { Failure } from './failure.ts';
import type { ServeOptions } from './serve-flags.ts';

/**
 * The files of the serving certificate: those that flags name, else self-made ones in `--cert-dir`.
 *
 * @throws Failure where none can be made there.
 */
export async function findServingCertificate(
  { servingCertificate, secure }: ServeOptions,
  log: Log,
): Promise<ServingCertificateFiles> {
  if ('certificate' in servingCertificate) return servingCertificate;
  const { directory } = servingCertificate;
  try {
    const files = await ensureServingCertificate(directory, secure.host, Date.now());
    log.info('using the serving certificate of --cert-dir', { certificate: files.certificate });
    return files;
  } catch (error) {
    throw new Failure(`--cert-dir: cannot make a serving certificate in ${directory}: ${reasonOf(error)}`);
  }
}
