import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAuditTrail } from '../../src/server/audit-trail.ts';
import { RotatingFile } from '../../src/server/rotating-file.ts';

const AT = Date.parse('2026-06-15T12:00:00Z');

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'audit-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const read = (name: string): string => readFileSync(join(directory, name), 'utf8');

describe('a rotating file', () => {
  it('goes on where it ended, and is put aside before it would grow over its size', () => {
    const path = join(directory, 'audit.log');
    const open = () => new RotatingFile(path, { maxBytes: 10, maxBackups: 0 });
    const first = open();
    first.append('one\n', AT);
    first.close();
    const second = open();
    second.append('two\n', AT);
    second.append('three\n', AT);
    second.close();
    expect(read('audit-2026-06-15T12-00-00.000Z.log')).toBe('one\ntwo\n');
    expect(read('audit.log')).toBe('three\n');
  });

  it('keeps the newest backups, and removes no file of anybody else', () => {
    const other = new RotatingFile(join(directory, 'audit-notes.log'), { maxBytes: 10, maxBackups: 0 });
    other.close();
    const file = new RotatingFile(join(directory, 'audit.log'), { maxBytes: 1, maxBackups: 2 });
    for (let second = 0; second < 5; second += 1) file.append(`${second}\n`, AT + second * 1000);
    file.close();
    expect(readdirSync(directory).sort()).toEqual([
      'audit-2026-06-15T12-00-03.000Z.log',
      'audit-2026-06-15T12-00-04.000Z.log',
      'audit-notes.log',
      'audit.log',
    ]);
    expect(read('audit.log')).toBe('4\n');
  });

  it('goes on after it was taken away', () => {
    const file = new RotatingFile(join(directory, 'audit.log'), { maxBytes: 4, maxBackups: 0 });
    file.append('one\n', AT);
    rmSync(join(directory, 'audit.log'));
    file.append('two\n', AT);
    file.close();
    expect(read('audit.log')).toBe('two\n');
  });

  it('is begun anew within a second where somebody else moved or removed it', () => {
    const file = new RotatingFile(join(directory, 'audit.log'), { maxBytes: 100, maxBackups: 0 });
    file.append('one\n', AT);
    renameSync(join(directory, 'audit.log'), join(directory, 'moved'));
    file.append('two\n', AT + 999);
    file.append('three\n', AT + 1000);
    rmSync(join(directory, 'audit.log'));
    file.append('four\n', AT + 2000);
    file.close();
    expect([read('moved'), read('audit.log')]).toEqual(['one\ntwo\n', 'four\n']);
  });

  it('is never put aside where it is no file', () => {
    const pipe = join(directory, 'pipe.log');
    execFileSync('mkfifo', [pipe]);
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    const file = new RotatingFile(pipe, { maxBytes: 4, maxBackups: 1 });
    file.append('one\n', AT);
    file.append('two\n', AT);
    const bytes = Buffer.alloc(100);
    expect(bytes.toString('utf8', 0, readSync(reader, bytes))).toBe('one\ntwo\n');
    file.close();
    closeSync(reader);
    expect(readdirSync(directory)).toEqual(['pipe.log']);
  });

  it('throws where the disk is full, and only then', () => {
    const file = new RotatingFile('/dev/full', { maxBytes: 100, maxBackups: 0 });
    expect(() => file.append('one\n', AT)).toThrow('ENOSPC');
    file.close();
  });
});

describe('an audit trail', () => {
  it('has a line an event', async () => {
    const written: string[] = [];
    const sink = { append: (lines: string) => void written.push(lines) };
    const trail = createAuditTrail(sink, { now: () => AT, onLost: () => undefined });
    trail.write('decided', { decisionId: 'a' });
    trail.write('stopping', {});
    expect(written).toEqual([]);
    await expect
      .poll(() => written)
      .toEqual([
        '{"time":"2026-06-15T12:00:00.000Z","event":"decided","decisionId":"a"}\n' +
          '{"time":"2026-06-15T12:00:00.000Z","event":"stopping"}\n',
      ]);
  });

  it('tells what it lost, and goes on', () => {
    const lost: unknown[] = [];
    const written: string[] = [];
    let isFull = true;
    const sink = {
      append(lines: string) {
        if (isFull) throw new Error('ENOSPC');
        written.push(lines);
      },
    };
    const trail = createAuditTrail(sink, { now: () => AT, onLost: (count) => void lost.push(count) });
    trail.write('decided', {});
    trail.write('decided', {});
    trail.flush();
    isFull = false;
    trail.write('stopped', {});
    trail.flush();
    expect(lost).toEqual([2]);
    expect(written).toHaveLength(1);
  });

  it('holds no more than some megabytes', () => {
    let appends = 0;
    const sink = { append: () => void (appends += 1) };
    const trail = createAuditTrail(sink, { now: () => AT, onLost: () => undefined });
    for (let count = 0; count < 10; count += 1) trail.write('decided', { why: 'x'.repeat(1024 * 1024) });
    expect(appends).toBeGreaterThanOrEqual(3);
  });
});
