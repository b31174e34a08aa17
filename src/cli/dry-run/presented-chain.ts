import { Failure } from '../failure.ts';
import { readClientCertificate } from '../kubeconfig.ts';
import { type Chain, readCertificates } from '../read-certificates.ts';
import { readFlagFile } from '../read-file.ts';

/** The flags that name a certificate that somebody has. */
export interface ChainFlags {
  readonly cert?: string;
  readonly chain?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** A chain, leaf first, and where it comes from. */
export interface PresentedChain {
  readonly source: string;
  readonly chain: Chain;
}

/**
 * The chain of `--cert` and `--chain`, or of `--kubeconfig` and `--context`.
 *
 * @throws Failure naming the flag, and where not one of the two is given.
 */
export function readPresentedChain({ cert, chain, kubeconfig, context }: ChainFlags): PresentedChain {
  if ((cert === undefined) === (kubeconfig === undefined))
    throw new Failure('give one of --cert and --kubeconfig');
  if (cert !== undefined) {
    const [leaf, ...others] = readChain('--cert', cert);
    return {
      source: cert,
      chain: [leaf, ...others, ...(chain === undefined ? [] : readChain('--chain', chain))],
    };
  }
  const path = kubeconfig ?? '';
  const pem = Buffer.from(readClientCertificate(path, context));
  const which = context === undefined ? 'the current context' : `context ${context}`;
  return {
    source: `the client certificate of ${which} in ${path}`,
    chain: parse('--kubeconfig', path, pem),
  };
}

function readChain(flag: string, path: string): Chain {
  return parse(flag, path, readFlagFile(flag, path));
}

function parse(flag: string, path: string, bytes: Buffer): Chain {
  const result = readCertificates(bytes);
  if (!result.ok) throw new Failure(`${flag}: ${path}: ${result.error}`);
  return result.chain;
}
