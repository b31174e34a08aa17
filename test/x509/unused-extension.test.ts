import { describe, expect, it } from 'vitest';
import { MalformedError } from '../../src/x509/der.ts';
import { checkAuthorityInformationAccess } from '../../src/x509/unused-extension.ts';
import { element, objectIdentifier, sequence } from './der-writer.ts';

describe('authority information access', () => {
  const uri = element(0x86, Buffer.from('http://ocsp.example'));
  const ocsp = objectIdentifier('1.3.6.1.5.5.7.48.1');
  const values: [string, Buffer, string | undefined][] = [
    ['of an OCSP responder is read over', sequence(sequence(ocsp, uri)), undefined],
    ['of nothing is read over', sequence(), undefined],
    [
      'of a place without a method is refused',
      sequence(sequence(uri)),
      'x509: invalid authority info access',
    ],
    ['of a method that is no sequence is refused', sequence(ocsp), 'x509: invalid authority info access'],
    ['that is no sequence is refused', uri, 'x509: invalid authority info access'],
  ];
  it.each(values)('%s', (_, value, expected) => {
    expect(faultOf(value)).toBe(expected);
  });
});

function faultOf(value: Buffer): string | undefined {
  try {
    checkAuthorityInformationAccess({ id: '1.3.6.1.5.5.7.1.1', critical: false, value });
    return undefined;
  } catch (error) {
    return error instanceof MalformedError ? error.message : String(error);
  }
}
