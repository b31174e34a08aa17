import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mintAuthority } from '../test/pki.ts';
import { mintCrl, mintEntry, reasonCode } from '../test/x509/mint-crl.ts';
import { compare, type Measurement, median } from './measurement.ts';
import type { CrlFigures } from './revocation-process.ts';
import { serialOctets } from './serial-octets.ts';

const ENTRIES = 1_000_000;
const RUNS = 3;

/** What is asked of a CRL of a million serial numbers. */
const LIMITS = { loadMilliseconds: 3000, megabytes: 150, lookupMicroseconds: 1 };

const PROCESS = fileURLToPath(new URL('revocation-process.ts', import.meta.url));

/** A CRL of a million serial numbers beside its limits: loaded from its file by a process that has loaded nothing else. */
export async function benchRevocation(): Promise<Measurement[]> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-crl-'));
  try {
    const authority = await mintAuthority('my-ca');
    writeFileSync(join(directory, 'ca.pem'), authority.pem);
    const crl = mintCrl({ issuer: authority.certificate, key: authority.key, entries: [mintEntries()] });
    writeFileSync(join(directory, 'ca.crl'), crl);
    const runs = Array.from({ length: RUNS }, () => measure(directory));
    const value = (figure: keyof CrlFigures): number => median(runs.map((run) => run[figure]));
    return [
      compare('revocation/crl-1M-load', 'ms', {
        value: value('loadMilliseconds'),
        baseline: LIMITS.loadMilliseconds,
      }),
      compare('revocation/crl-1M-memory', 'MB', { value: value('megabytes'), baseline: LIMITS.megabytes }),
      compare('revocation/crl-1M-found', 'µs', {
        value: value('foundMicroseconds'),
        baseline: LIMITS.lookupMicroseconds,
      }),
      compare('revocation/crl-1M-not-found', 'µs', {
        value: value('missedMicroseconds'),
        baseline: LIMITS.lookupMicroseconds,
      }),
    ];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function measure(directory: string): CrlFigures {
  const args = [...process.execArgv, PROCESS, join(directory, 'ca.crl'), join(directory, 'ca.pem')];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as CrlFigures;
}

/** Entries as CAs in use write them, with a reason. */
function mintEntries(): Buffer {
  const template = mintEntry(BigInt(`0x${serialOctets(0).toString('hex')}`), reasonCode(4));
  const serialStart = template.indexOf(serialOctets(0));
  const entries = Buffer.alloc(ENTRIES * template.length, template);
  for (let index = 0; index < ENTRIES; index += 1) {
    serialOctets(index).copy(entries, index * template.length + serialStart);
  }
  return entries;
}
