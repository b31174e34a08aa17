/** Loads the CRL of the first file, which a CA of the second one issued, and prints what that and a look-up took. */
import { readFileSync } from 'node:fs';
import { readCertificateRevocationLists } from '../src/x509/crl.ts';
import type { RevokedSerials } from '../src/x509/revoked-serials.ts';
import { parseTrustBundle } from '../src/x509/trust-bundle.ts';
import { median } from './measurement.ts';
import { serialOctets } from './serial-octets.ts';

/** What it prints, as JSON. */
export interface CrlFigures {
  readonly loadMilliseconds: number;
  /** What the process needs more just afterwards, the file's bytes and what it has not cleaned up yet among it. */
  readonly megabytes: number;
  readonly foundMicroseconds: number;
  readonly missedMicroseconds: number;
}

const LOOKUPS = 200_000;
const BATCHES = 20;

function load([crlFile = '', caFile = '']: readonly string[]): CrlFigures {
  const anchors = parseTrustBundle(readFileSync(caFile, 'utf8'));
  if (!anchors.ok) throw new Error(anchors.error);
  const before = process.memoryUsage.rss();
  const start = performance.now();
  const result = readCertificateRevocationLists(readFileSync(crlFile), anchors.bundle.anchors);
  const loadMilliseconds = performance.now() - start;
  const [list] = result.ok ? result.lists : [];
  if (list === undefined) throw new Error(result.ok ? 'no CRL' : result.error);
  const megabytes = (process.memoryUsage.rss() - before) / 1e6;
  const { revoked } = list;
  const stride = Math.floor(revoked.size / LOOKUPS);
  const serials = Array.from({ length: LOOKUPS }, (_, index) =>
    BigInt(`0x${serialOctets(index * stride).toString('hex')}`),
  );
  const strangers = serials.map((serial) => serial + (1n << 121n));
  return {
    loadMilliseconds,
    megabytes,
    foundMicroseconds: microsecondsEach(revoked, serials, LOOKUPS),
    missedMicroseconds: microsecondsEach(revoked, strangers, 0),
  };
}

/** The median over batches of the time of one look-up. */
function microsecondsEach(revoked: RevokedSerials, serials: readonly bigint[], expected: number): number {
  const batch = serials.length / BATCHES;
  let found = 0;
  const times = Array.from({ length: BATCHES }, (_, index) => {
    const looked = serials.slice(index * batch, (index + 1) * batch);
    const start = performance.now();
    for (const serial of looked) if (revoked.find(serial) !== undefined) found += 1;
    return ((performance.now() - start) * 1000) / batch;
  });
  if (found !== expected) throw new Error(`found ${found} of ${expected}`);
  return median(times);
}

console.log(JSON.stringify(load(process.argv.slice(2))));
