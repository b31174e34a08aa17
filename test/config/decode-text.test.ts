import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/decode.ts';
import { decodeText } from '../../src/config/decode-text.ts';

const utf8 = (text: string): number[] => [...Buffer.from(text)];

describe('the bytes of a file are text', () => {
  it.each([
    ['in ASCII', utf8('a: b\n'), 'a: b\n'],
    ['in UTF-8', utf8('a: é😀\u{10ffff}\n'), 'a: é😀\u{10ffff}\n'],
    ['with a byte order mark, which stays', utf8('\ufeffa'), '\ufeffa'],
    ['in UTF-16, little end first', [0xff, 0xfe, 0x61, 0x00, 0x3d, 0xd8, 0x00, 0xde], 'a😀'],
    ['in UTF-16, big end first', [0xfe, 0xff, 0x00, 0x61], 'a'],
    ['or none at all', [], ''],
    ['in JSON whatever they are', [...utf8(' {"a":"'), 0xff, ...utf8('"}')], ' {"a":"\ufffd"}'],
  ])('%s', (_name, bytes, text) => {
    expect(decodeText(Uint8Array.from(bytes))).toEqual({ ok: true, text });
  });
});

describe('or are refused as Kubernetes’ YAML reader refuses them', () => {
  it.each([
    ['a trailing byte alone', [0x80], 'yaml: invalid leading UTF-8 octet'],
    ['a byte that is never UTF-8', [0xff], 'yaml: invalid leading UTF-8 octet'],
    ['a sequence that breaks off', [0xc3], 'yaml: incomplete UTF-8 octet sequence'],
    ['a sequence that is broken', [0xc3, 0x41], 'yaml: invalid trailing UTF-8 octet'],
    ['a sequence that is too long', [0xc0, 0x80], 'yaml: invalid length of a UTF-8 sequence'],
    ['a surrogate', [0xed, 0xa0, 0x80], 'yaml: invalid Unicode character'],
    ['a code point that there is not', [0xf4, 0x90, 0x80, 0x80], 'yaml: invalid Unicode character'],
    ['half a UTF-16 unit', [0xff, 0xfe, 0x61], 'yaml: incomplete UTF-16 character'],
  ])('%s', (_name, bytes, error) => {
    expect(decodeText(Uint8Array.from(bytes))).toEqual({ ok: false, error });
  });
});

it('a text so read is loaded', () => {
  const bytes = Buffer.from(
    '\ufeffapiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n',
    'utf16le',
  );
  const decoded = decodeText(bytes);
  expect(decoded.ok && loadConfig(decoded.text).kind).toBe('config');
});
