import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeAtomically } from '../../src/server/write-atomically.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'write-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('a file that is written atomically', () => {
  it('has its text and its mode, whatever lies where it is written first, and leaves nothing beside it', () => {
    const path = join(directory, 'tls.key');
    const elsewhere = join(directory, 'elsewhere');
    writeFileSync(elsewhere, 'untouched');
    symlinkSync(elsewhere, `${path}.${process.pid}.tmp`);
    writeAtomically(path, 'secret', 0o600);
    expect([readFileSync(path, 'utf8'), lstatSync(path).mode & 0o777]).toEqual(['secret', 0o600]);
    expect(readFileSync(elsewhere, 'utf8')).toBe('untouched');
    expect(readdirSync(directory).sort()).toEqual(['elsewhere', 'tls.key']);
  });
});
