import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedError } from '../../src/x509/der.ts';
import { readRevokedSerials, type RevokedSerials } from '../../src/x509/revoked-serials.ts';
import { element, integer, sequence } from './der-writer.ts';
import { mintEntry, reasonCode } from './mint-crl.ts';

const KEY = [1, 2] as const;

function read(contents: Buffer, version: 1 | 2 = 2): RevokedSerials {
  // In front of the entries there is always something.
  const der = Buffer.concat([Buffer.alloc(4), contents]);
  return readRevokedSerials({ der, contents: der.subarray(4), version }, KEY);
}

/** What becomes of one entry: the reasons of a few serial numbers, or that it is malformed. */
function outcomeOf(entry: Buffer, version: 1 | 2): unknown {
  try {
    const revoked = read(entry, version);
    return [revoked.size, ...[-1n, 0n, 1n, 127n, 128n, 200n].map((serial) => revoked.find(serial))];
  } catch (error) {
    if (error instanceof MalformedError) return 'malformed';
    throw error;
  }
}

describe('the entries of a CRL', () => {
  it('are read alike whatever the form of their time', () => {
    const octets = fc.constantFrom(0, 1, 0x7f, 0x80, 0xc8, 0xff);
    const serial = fc
      .tuple(fc.constantFrom(2, 2, 2, 3), fc.array(octets, { maxLength: 3 }))
      .map(([tag, contents]) => element(tag, Buffer.from(contents)));
    const code = fc.integer({ min: 0, max: 12 });
    const place = fc.nat({ max: 16 });
    const extensions = fc
      .tuple(code, fc.option(fc.tuple(place, octets)), fc.boolean())
      .map(([reason, change, isThere]) => {
        const written = sequence(reasonCode(reason));
        if (change !== null) written[change[0] % written.length] = change[1];
        return isThere ? written : Buffer.alloc(0);
      });
    let read = 0;
    fc.assert(
      fc.property(serial, extensions, fc.constantFrom(1, 2), (integerOctets, rest, version) => {
        const [short, long] = [
          element(0x17, Buffer.from('260101000000Z')),
          element(0x18, Buffer.from('20260101000000Z')),
        ].map((time) => outcomeOf(sequence(integerOctets, time, rest), version));
        if (short !== 'malformed') read += 1;
        expect(short).toEqual(long);
      }),
      { numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(300);
  });

  it.each([
    ['a letter', '26010100000xZ'],
    ['no Z', '2601010000000'],
    ['a digit less', '26010100000Z'],
  ])('are refused where their time has %s', (_, time) => {
    expect(outcomeOf(sequence(integer(1n), element(0x17, Buffer.from(time))), 2)).toBe('malformed');
  });

  it('are refused where the last one breaks off', () => {
    const entry = mintEntry(1n, reasonCode(1));
    for (let length = 1; length < entry.length; length += 1)
      expect(outcomeOf(Buffer.concat([entry, entry.subarray(0, length)]), 2)).toBe('malformed');
  });

  it('are found from the first look-up on, however many there are, and of equal ones the first', () => {
    const count = 100_000;
    const serials = Array.from({ length: count }, (_, index) => BigInt(index) * 3n);
    const first = mintEntry(1n, reasonCode(1));
    const entries = serials.map((serial) => mintEntry(serial, reasonCode(4)));
    const contents = Buffer.concat([
      first,
      ...entries,
      mintEntry(1n, reasonCode(2)),
      mintEntry(4n, reasonCode(2)),
    ]);
    // Each look-up of a list that was just read, as long as not all of it is indexed.
    const looked = [3n * BigInt(count - 1), 1n, 4n, 2n, 0n, 3n * 50_000n];
    for (const serial of looked) {
      const expected = { '1': 'keyCompromise', '4': 'cACompromise', '2': undefined }[String(serial)];
      const reason = serial % 3n === 0n ? 'superseded' : expected;
      expect([serial, read(contents).find(serial)]).toEqual([serial, reason]);
    }
    const revoked = read(contents);
    for (const round of [1, 2])
      for (const serial of looked)
        expect([round, revoked.find(serial)]).toEqual([round, read(contents).find(serial)]);
    const all = read(contents);
    expect(serials.every((serial) => all.find(serial) === 'superseded')).toBe(true);
    expect(serials.some((serial) => all.find(serial + 2n) !== undefined)).toBe(false);
  });
});
