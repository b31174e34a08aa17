import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { findWatchPoints } from '../../src/server/watch-points.ts';
import { WatchedFiles } from '../../src/server/watched-files.ts';

const NEVER = 3_600_000;

let root: string;
let watched: WatchedFiles;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'watched-')));
});

afterEach(() => {
  watched.close();
  rmSync(root, { recursive: true, force: true });
});

/** Watches a path and collects what each look reads: the text, or the error's code. */
function follow(path: string, pollMs = NEVER): readonly string[] {
  const seen: string[] = [];
  const onChange = (): void => {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      text = (error as NodeJS.ErrnoException).code ?? '';
    }
    if (seen.at(-1) !== text) seen.push(text);
  };
  watched = new WatchedFiles({ onChange, onTrouble: () => undefined, pollMs, quietMs: 20 });
  watched.watch([path]);
  return seen;
}

/** A projected volume as the kubelet writes it: files are links into `..data`, a link to a directory that is replaced. */
function project(volume: string, version: string): string {
  const directory = `..${version}`;
  mkdirSync(join(volume, directory), { recursive: true });
  writeFileSync(join(volume, directory, 'authn.yaml'), version);
  symlinkSync(directory, join(volume, '..data_tmp'));
  renameSync(join(volume, '..data_tmp'), join(volume, '..data'));
  return join(volume, 'authn.yaml');
}

describe('a change is found by file events alone', () => {
  it('when the file is replaced by a rename, again and again', async () => {
    const path = join(root, 'f');
    writeFileSync(path, 'one');
    const seen = follow(path);
    await expect.poll(() => seen.at(-1)).toBe('one');
    for (const text of ['two', 'three', 'four']) {
      writeFileSync(join(root, 'new'), text);
      renameSync(join(root, 'new'), path);
      await expect.poll(() => seen.at(-1)).toBe(text);
    }
  });

  it('when the file is truncated and written in place, and is read only when it is quiet', async () => {
    const path = join(root, 'f');
    writeFileSync(path, 'one');
    const seen = follow(path);
    await expect.poll(() => seen.at(-1)).toBe('one');
    const descriptor = openSync(path, 'r+');
    ftruncateSync(descriptor, 0);
    for (const part of ['t', 'w', 'o']) writeSync(descriptor, part);
    closeSync(descriptor);
    await expect.poll(() => seen.at(-1)).toBe('two');
    expect(seen).toEqual(['one', 'two']);
  });

  it("when a projected volume's ..data is swapped and the old directory removed", async () => {
    const path = project(root, 'v1');
    symlinkSync('..data/authn.yaml', path);
    const seen = follow(path);
    await expect.poll(() => seen.at(-1)).toBe('v1');
    for (const [former, version] of [
      ['v1', 'v2'],
      ['v2', 'v3'],
    ] as const) {
      project(root, version);
      rmSync(join(root, `..${former}`), { recursive: true });
      await expect.poll(() => seen.at(-1)).toBe(version);
    }
  });

  it('when the file is deleted and comes back', async () => {
    const path = join(root, 'f');
    writeFileSync(path, 'one');
    const seen = follow(path);
    await expect.poll(() => seen.at(-1)).toBe('one');
    unlinkSync(path);
    await expect.poll(() => seen.at(-1)).toBe('ENOENT');
    writeFileSync(path, 'two');
    await expect.poll(() => seen.at(-1)).toBe('two');
  });

  it('when the directory is deleted and comes back', async () => {
    const path = join(root, 'a', 'b', 'f');
    mkdirSync(join(root, 'a', 'b'), { recursive: true });
    writeFileSync(path, 'one');
    const seen = follow(path);
    await expect.poll(() => seen.at(-1)).toBe('one');
    rmSync(join(root, 'a'), { recursive: true });
    await expect.poll(() => seen.at(-1)).toBe('ENOENT');
    mkdirSync(join(root, 'a', 'b'), { recursive: true });
    writeFileSync(path, 'two');
    await expect.poll(() => seen.at(-1)).toBe('two');
  });

  it('when the directory is moved away and another takes its place', async () => {
    mkdirSync(join(root, 'now'));
    mkdirSync(join(root, 'next'));
    writeFileSync(join(root, 'now', 'f'), 'one');
    writeFileSync(join(root, 'next', 'f'), 'two');
    const seen = follow(join(root, 'now', 'f'));
    await expect.poll(() => seen.at(-1)).toBe('one');
    renameSync(join(root, 'now'), join(root, 'former'));
    renameSync(join(root, 'next'), join(root, 'now'));
    await expect.poll(() => seen.at(-1)).toBe('two');
    writeFileSync(join(root, 'now', 'f'), 'three');
    await expect.poll(() => seen.at(-1)).toBe('three');
  });

  it('when the file is a link whose target is written', async () => {
    mkdirSync(join(root, 'elsewhere'));
    writeFileSync(join(root, 'elsewhere', 'g'), 'one');
    symlinkSync(join(root, 'elsewhere', 'g'), join(root, 'f'));
    const seen = follow(join(root, 'f'));
    await expect.poll(() => seen.at(-1)).toBe('one');
    writeFileSync(join(root, 'elsewhere', 'g'), 'two');
    await expect.poll(() => seen.at(-1)).toBe('two');
  });

  it('when the file does not exist yet', async () => {
    const path = join(root, 'later', 'f');
    const seen = follow(path);
    await expect.poll(() => seen.at(-1)).toBe('ENOENT');
    mkdirSync(join(root, 'later'));
    writeFileSync(path, 'one');
    await expect.poll(() => seen.at(-1)).toBe('one');
  });
});

describe('the poll finds', () => {
  it('what no event tells: a directory further up that is replaced', async () => {
    mkdirSync(join(root, 'a', 'b'), { recursive: true });
    mkdirSync(join(root, 'next', 'b'), { recursive: true });
    writeFileSync(join(root, 'a', 'b', 'f'), 'one');
    writeFileSync(join(root, 'next', 'b', 'f'), 'two');
    const seen = follow(join(root, 'a', 'b', 'f'), 50);
    await expect.poll(() => seen.at(-1)).toBe('one');
    renameSync(join(root, 'a'), join(root, 'former'));
    renameSync(join(root, 'next'), join(root, 'a'));
    await expect.poll(() => seen.at(-1)).toBe('two');
  });
});

describe('watching', () => {
  it('tells of a directory that gives no events, and goes on', async () => {
    const troubles: string[] = [];
    let looks = 0;
    const onTrouble = (directory: string): void => void troubles.push(directory);
    watched = new WatchedFiles({ onChange: () => void (looks += 1), onTrouble, pollMs: 20, quietMs: 5 });
    writeFileSync(join(root, 'file'), '');
    watched.watch([join(root, 'file', 'below-a-file')]);
    await eventually(() => expect(looks).toBeGreaterThan(2));
    expect(troubles).toEqual(troubles.map(() => join(root, 'file')));
  });

  it('leaves alone what it is not asked for', async () => {
    const path = join(root, 'f');
    writeFileSync(path, 'one');
    let looks = 0;
    watched = new WatchedFiles({
      onChange: () => void (looks += 1),
      onTrouble: () => undefined,
      pollMs: NEVER,
      quietMs: 5,
    });
    watched.watch([path]);
    await eventually(() => expect(looks).toBe(1));
    writeFileSync(join(root, 'other'), 'x');
    writeFileSync(path, 'two');
    await eventually(() => expect(looks).toBe(2));
    writeFileSync(join(root, 'other'), 'y');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(looks).toBe(2);
  });

  it('follows no more links than the kernel does', () => {
    symlinkSync('loop', join(root, 'loop'));
    expect(findWatchPoints(join(root, 'loop')).length).toBeLessThan(60);
  });
});
