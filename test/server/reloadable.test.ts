import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import type { FileSource } from '../../src/server/file-source.ts';
import { Reloadable, type ReloadEvent, type ReloadOptions } from '../../src/server/reloadable.ts';

/** What these tests load: a first file that says `use NAME`, and the file of that name. Both must not say `bad`. */
interface Pair {
  readonly first: string;
  readonly second: string;
}

let directory: string;
let events: ReloadEvent[];
let opened: Reloadable<Pair>[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'reloadable-'));
  events = [];
  opened = [];
});

afterEach(() => {
  for (const reloadable of opened) reloadable.close();
  rmSync(directory, { recursive: true, force: true });
});

const path = (name: string): string => join(directory, name);

function write(name: string, text: string): void {
  writeFileSync(path('tmp'), text);
  renameSync(path('tmp'), path(name));
}

const source: FileSource<Pair> = {
  name: 'pair',
  firstFileStandsIn: 'when-bad',
  load(read) {
    const first = read(path('first')).toString();
    const name = /^use (\w+)/.exec(first)?.[1];
    if (name === undefined) return { kind: 'invalid', problem: `first says ${JSON.stringify(first)}` };
    const second = read(path(name)).toString();
    if (second === 'bad') return { kind: 'invalid', problem: `${name} is bad` };
    if (second === 'throw') throw new TypeError('a fault of ours');
    return { kind: 'loaded', value: { first, second }, warnings: second === 'odd' ? ['odd'] : [] };
  },
};

/** Opens the pair; nothing but `look` makes it look, unless a poll is asked for. */
function open(
  options: Partial<ReloadOptions<Pair>> & { readonly source?: FileSource<Pair> } = {},
): Reloadable<Pair> {
  const onEvent = (event: ReloadEvent): void => void events.push(event);
  const { source: from = source, ...rest } = options;
  const result = Reloadable.open(from, {
    onEvent,
    onTrouble: () => undefined,
    pollMs: 3_600_000,
    quietMs: 3_600_000,
    ...rest,
  });
  if (result.kind !== 'opened') throw new Error(result.problem);
  opened.push(result.reloadable);
  return result.reloadable;
}

function news(): string[] {
  return events
    .splice(0)
    .map((event) =>
      event.kind === 'reloaded' ? 'reloaded' : `${event.isNews ? 'kept' : 'kept again'}: ${event.problem}`,
    );
}

describe('a value made from files', () => {
  beforeEach(() => {
    write('first', 'use a');
    write('a', 'one');
  });

  it('is taken whole when bytes change, and left alone when only the time does', () => {
    const pair = open();
    write('first', 'use a');
    pair.look();
    expect(news()).toEqual([]);
    write('a', 'two');
    pair.look();
    expect([pair.current, news()]).toEqual([{ first: 'use a', second: 'two' }, ['reloaded']]);
    write('first', 'use b');
    write('b', 'three');
    pair.look();
    expect([pair.current, news()]).toEqual([{ first: 'use b', second: 'three' }, ['reloaded']]);
  });

  it('names its version by the first file’s bytes, as kube-apiserver does', () => {
    const pair = open();
    const digest = createHash('sha256').update('use a').digest('hex');
    expect(pair.status).toEqual({ version: `sha256:${digest}` });
  });

  it('is followed without being asked, by events and by the poll', async () => {
    for (const how of [{ quietMs: 5 }, { pollMs: 20 }]) {
      const pair = open(how);
      write('a', JSON.stringify(how));
      await eventually(() => expect(pair.current.second).toBe(JSON.stringify(how)));
    }
  });

  it('gives warnings with the version that has them', () => {
    const pair = open();
    write('a', 'odd');
    pair.look();
    expect(events).toEqual([
      { kind: 'reloaded', source: 'pair', version: pair.status.version, warnings: ['odd'] },
    ]);
  });

  it('watches the files of the new version and no longer those of the old', async () => {
    const pair = open({ quietMs: 5 });
    write('b', 'b1');
    write('first', 'use b');
    await eventually(() => expect(pair.current.second).toBe('b1'));
    news();
    write('b', 'b2');
    await eventually(() => expect(pair.current.second).toBe('b2'));
    rmSync(path('a'));
    write('b', 'b3');
    await eventually(() => expect(pair.current.second).toBe('b3'));
    expect(new Set(news())).toEqual(new Set(['reloaded']));
  });
});

describe('a bad version', () => {
  beforeEach(() => {
    write('first', 'use a');
    write('a', 'one');
  });

  it('leaves the last good one in force, is told once, shown, and not tried again until a byte changes', () => {
    const pair = open();
    write('first', 'nonsense');
    for (let look = 0; look < 3; look += 1) pair.look();
    expect(news()).toEqual(['kept: first says "nonsense"']);
    expect(pair.current).toEqual({ first: 'use a', second: 'one' });
    expect(pair.status.problem).toBe('first says "nonsense"');
    write('first', 'more nonsense');
    pair.look();
    expect(news()).toEqual(['kept: first says "more nonsense"']);
    write('first', 'use a');
    pair.look();
    expect([news(), pair.status.problem]).toEqual([['reloaded'], undefined]);
  });

  it('of the first file does not hold up a change of the others', () => {
    const pair = open();
    write('first', 'nonsense');
    pair.look();
    write('a', 'revoked');
    pair.look();
    expect(pair.current).toEqual({ first: 'use a', second: 'revoked' });
    expect(pair.status.problem).toBe('first says "nonsense"');
    expect(news()).toEqual(['kept: first says "nonsense"', 'reloaded', 'kept again: first says "nonsense"']);
    write('a', 'bad');
    pair.look();
    pair.look();
    expect(news()).toEqual(['kept: first says "nonsense"; with the last good version: a is bad']);
    expect(pair.current.second).toBe('revoked');
    write('first', 'use b');
    write('b', 'fine');
    pair.look();
    expect([pair.current, pair.status.problem]).toEqual([{ first: 'use b', second: 'fine' }, undefined]);
  });

  it('of files that belong together keeps them all', () => {
    const pair = open({ source: { ...source, firstFileStandsIn: 'never' } });
    write('first', 'nonsense');
    write('a', 'two');
    pair.look();
    expect([pair.current.second, news()]).toEqual(['one', ['kept: first says "nonsense"']]);
    write('first', 'use a');
    pair.look();
    expect(pair.current.second).toBe('two');
  });

  it('that makes the loader throw is a bad version like any other', () => {
    const pair = open();
    write('a', 'throw');
    pair.look();
    pair.look();
    expect([pair.current.second, news()]).toEqual(['one', ['kept: a fault of ours']]);
    write('a', 'two');
    pair.look();
    expect(pair.current.second).toBe('two');
  });

  it('that cannot be put to use is tried again at every look', () => {
    let faults = 2;
    const applied: Pair[] = [];
    const apply = (pair: Pair): void => {
      faults -= 1;
      if (faults >= 0) throw new Error('not now');
      applied.push(pair);
    };
    const pair = open({ apply });
    write('a', 'two');
    pair.look();
    expect([pair.current.second, pair.status.problem]).toEqual(['one', 'not now']);
    pair.look();
    pair.look();
    expect(news()).toEqual(['kept: not now', 'kept again: not now', 'reloaded']);
    expect([pair.current.second, applied.length]).toEqual(['two', 1]);
  });
});

describe('a file that cannot be read', () => {
  beforeEach(() => {
    write('first', 'use a');
    write('a', 'one');
  });

  it.each([
    ['is deleted', (name: string) => rmSync(path(name)), /ENOENT/],
    [
      'becomes a directory',
      (name: string) => (rmSync(path(name)), mkdirSync(path(name))),
      /not a regular file/,
    ],
    [
      'becomes a pipe',
      (name: string) => (rmSync(path(name)), execFileSync('mkfifo', [path(name)])),
      /not a regular file/,
    ],
  ])('because it %s is tried again at every look and told once', (_, spoil, problem) => {
    for (const name of ['first', 'a']) {
      const before = readFileSync(path(name), 'utf8');
      const pair = open();
      spoil(name);
      for (let look = 0; look < 3; look += 1) pair.look();
      const [first, ...again] = news();
      expect(first).toMatch(/^kept: /);
      expect(first).toMatch(problem);
      expect(again).toEqual([first?.replace('kept', 'kept again'), first?.replace('kept', 'kept again')]);
      expect(pair.current).toEqual({ first: 'use a', second: 'one' });
      rmSync(path(name), { recursive: true, force: true });
      write(name, before);
      pair.look();
      expect([news(), pair.status.problem]).toEqual([[], undefined]);
    }
  });

  it('when a new version names it is taken as soon as it is there', async () => {
    const pair = open({ quietMs: 5 });
    write('first', 'use b');
    await eventually(() => expect(pair.status.problem).toMatch(/ENOENT/));
    write('b', 'late');
    await eventually(() => expect(pair.current).toEqual({ first: 'use b', second: 'late' }));
  });
});

describe('opening', () => {
  it.each([
    ['a file is missing', () => write('first', 'use nothing'), 'unreadable', /ENOENT/],
    ['a file is invalid', () => write('first', 'nonsense'), 'invalid', /nonsense/],
  ])('fails when %s', (_, spoil, kind, problem) => {
    spoil();
    const result = Reloadable.open(source, { onEvent: () => undefined, onTrouble: () => undefined });
    expect(result).toEqual({ kind, problem: expect.stringMatching(problem) });
  });
});
