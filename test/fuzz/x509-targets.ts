import { toPem } from '../../src/x509/pem.ts';
import { findRollback, readCertificateRevocationLists } from '../../src/x509/crl.ts';
import { parseCertificate } from '../../src/x509/parse-certificate.ts';
import { parseChain, parseTrustBundle } from '../../src/x509/trust-bundle.ts';
import { crlNumber, mintCrl, mintEntry, reasonCode } from '../x509/mint-crl.ts';
import { type Corpus, type Sample, signAgain } from './corpus.ts';
import { mutateDer, mutateText } from './mutate.ts';
import type { Random } from './random.ts';
import { heavyTarget } from './heavy-target.ts';
import type { Target } from './target.ts';
import { verifyChain } from './verify-chain.ts';

/** Everything of x509/ that strangers' bytes reach, and the files of an administrator. */
export function x509Targets(corpus: Corpus): readonly Target[] {
  return [
    certificateTarget(corpus),
    chainTarget(corpus),
    mazeTarget(corpus),
    heavyTarget(corpus),
    crlTarget(corpus),
    bundleTarget(corpus),
  ];
}

function certificateTarget({ root, authorities, leaves }: Corpus): Target {
  const samples = [root, ...authorities, ...leaves].map(({ der }) => der);
  return {
    name: 'certificate',
    generate: (random) => [mutateDer(random.pick(samples), random, samples)],
    run([der = Buffer.alloc(0)]) {
      parseCertificate(der, 'any');
      const result = parseCertificate(der);
      if (!result.ok) return undefined;
      return result.certificate.der.equals(der)
        ? undefined
        : 'the certificate is not the bytes that were parsed';
    },
  };
}

/** Anchor, leaf, and what was presented beside it. */
function chainTarget(corpus: Corpus): Target {
  const { root, authorities, leaves } = corpus;
  const [issuer = root] = authorities;
  const donors = [root, ...authorities, ...leaves].map(({ der }) => der);
  const change = (sample: Sample, signer: Sample, random: Random): Buffer => {
    const mutated = mutateDer(sample.der, random, donors);
    return random.oneIn(8) ? mutated : signAgain(mutated, signer.key);
  };
  return {
    name: 'chain',
    generate(random) {
      const leaf = random.pick(leaves);
      const authority = random.pick(authorities);
      const others = random.oneIn(2) ? [authority.der] : authorities.map(({ der }) => der);
      switch (random.below(4)) {
        case 0:
          return [change(root, root, random), leaf.der, ...others];
        case 1:
          return [root.der, leaf.der, change(authority, root, random), ...others.slice(1)];
        default:
          return [root.der, change(leaf, issuer, random), ...others];
      }
    },
    run: verifyChain,
  };
}

/** The same, over a maze of cross-signed authorities. */
function mazeTarget({ root, maze, mazeLeaf }: Corpus): Target {
  return {
    name: 'maze',
    generate: (random) => [
      root.der,
      mazeLeaf.der,
      ...Array.from({ length: 15 }, () => random.pick(maze).der),
    ],
    run: verifyChain,
  };
}

/** The CRL's issuer, and the CRL. */
function crlTarget({ root, authorities }: Corpus): Target {
  const samples = mintCrls(root);
  const donors = [...samples, ...authorities.map(({ der }) => der)];
  return {
    name: 'crl',
    generate(random) {
      const mutated = mutateDer(random.pick(samples), random, donors);
      const crl = random.oneIn(4) ? mutated : signAgain(mutated, root.key);
      return [root.der, random.oneIn(8) ? Buffer.from(mutateText(toPem(crl, 'X509 CRL'), random)) : crl];
    },
    run([issuer = Buffer.alloc(0), crl = Buffer.alloc(0)]) {
      const parsed = parseCertificate(issuer);
      if (!parsed.ok) return 'the issuer does not parse';
      const result = readCertificateRevocationLists(crl, [parsed.certificate]);
      if (!result.ok) return undefined;
      const serials = [0n, 1n, -1n, 0x80n, 1n << 127n, 1n << 5000n];
      for (const { revoked } of result.lists) for (const serial of serials) revoked.find(serial);
      return findRollback(result.lists, result.lists) === undefined
        ? undefined
        : 'a CRL may not follow itself';
    },
  };
}

function mintCrls(root: Sample): readonly Buffer[] {
  const parsed = parseCertificate(root.der);
  if (!parsed.ok) throw new Error(parsed.error);
  const issuer = { issuer: parsed.certificate, key: root.key };
  const entries = [mintEntry(1n), mintEntry(0x80n, reasonCode(1)), mintEntry(1n << 127n, reasonCode(8))];
  return [
    mintCrl({ ...issuer, entries, extensions: [crlNumber(7n)] }),
    mintCrl({ ...issuer, version: 'absent', entries: [mintEntry(5n)] }),
    mintCrl({ ...issuer, nextUpdate: Date.UTC(2077, 0) }),
  ];
}

/** A PEM file of anchors. */
function bundleTarget({ root, authorities, leaves }: Corpus): Target {
  const certificates = [root, ...authorities, ...leaves].map(({ der }) => toPem(der, 'CERTIFICATE'));
  return {
    name: 'bundle',
    generate(random) {
      const text = Array.from({ length: 1 + random.below(6) }, () => random.pick(certificates)).join('');
      return [Buffer.from(mutateText(text, random))];
    },
    run([text = Buffer.alloc(0)]) {
      const bundle = parseTrustBundle(text.toString());
      const chain = parseChain(text.toString());
      return bundle.ok === chain.ok ? undefined : 'a bundle and a chain are read differently';
    },
  };
}
