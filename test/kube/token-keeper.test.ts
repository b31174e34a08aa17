import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeTokenFile } from '../../src/kube/token-file.ts';
import { keepToken, renewToken, type TokenEvent, type TokenKeeping } from '../../src/kube/token-keeper.ts';
import type { TokenAnswer } from '../../src/kube/token-request.ts';
import { HOUR, NOW } from '../pki.ts';

let now: number = NOW;
let events: TokenEvent[] = [];
let written: string[] = [];
let naps: number[] = [];
let requests = 0;

beforeEach(() => {
  now = NOW;
  events = [];
  written = [];
  naps = [];
  requests = 0;
});

/** Keeps tokens with a clock of its own; `answers` are the API server's, in turn, the last one for ever. */
function keeping(answers: readonly (() => TokenAnswer)[], parts: Partial<TokenKeeping> = {}): TokenKeeping {
  return {
    request: async () => {
      const answer = answers[Math.min(requests, answers.length - 1)];
      requests += 1;
      if (answer === undefined) throw new Error('no answer');
      return answer();
    },
    write: (token) => void written.push(token),
    now: () => now,
    sleep: async (ms) => {
      naps.push(ms);
      now += ms;
    },
    random: () => 0.5,
    onEvent: (event) => void events.push(event),
    ...parts,
  };
}

const token = (): TokenAnswer => ({ ok: true, token: `token-${requests}`, expiresAt: now + HOUR });
const failure = (): TokenAnswer => ({ ok: false, error: 'not now', isFinal: false });
const refusal = (): TokenAnswer => ({
  ok: false,
  error: 'may not specify a duration less than 10 minutes',
  isFinal: true,
});

/** Keeps tokens until a sleep finds that `isEnough`. */
async function keepUntil(isEnough: () => boolean, kept: TokenKeeping): Promise<void> {
  const enough = new Error('enough');
  const sleep = async (ms: number): Promise<void> => {
    if (isEnough()) throw enough;
    await kept.sleep(ms);
  };
  await expect(keepToken({ ...kept, sleep })).rejects.toBe(enough);
}

describe('a token', () => {
  it('is renewed before 80 % of its life have passed, again and again', async () => {
    const renewedAt: number[] = [];
    const parts = { write: () => void renewedAt.push(now - NOW), random: () => 0.999 };
    await keepUntil(() => renewedAt.length === 4, keeping([token], parts));
    expect(renewedAt.length).toBe(4);
    for (const [index, at] of renewedAt.entries()) expect(at).toBeLessThan(index * 0.8 * HOUR + 1);
    expect(renewedAt[3]).toBeGreaterThan(3 * 0.69 * HOUR);
  });

  it('is renewed early by a clock that steps forward, and no later by one that steps back', async () => {
    for (const step of [HOUR, -HOUR]) {
      now = NOW;
      naps = [];
      written = [];
      let isStepped = false;
      const sleep = async (ms: number): Promise<void> => {
        naps.push(ms);
        now += ms + (isStepped ? 0 : step);
        isStepped = true;
      };
      await keepUntil(() => written.length === 2, keeping([token], { sleep }));
      const slept = naps.reduce((sum, nap) => sum + nap, 0);
      if (step > 0) expect(slept).toBeLessThan(60_000);
      else expect(slept).toBeLessThanOrEqual(0.8 * HOUR);
    }
  });

  it('that cannot be had is asked for again ever more slowly, ten times at most', async () => {
    expect(await renewToken(keeping([failure]))).toMatchObject({ ok: false, error: 'not now' });
    expect(requests).toBe(10);
    expect(naps).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(events.length).toBe(9);
  });

  it('that is kept is asked for until the API server is back, a minute apart in the end', async () => {
    const outage = Array.from({ length: 50 }, () => failure);
    await keepUntil(() => written.length === 1, keeping([...outage, token]));
    expect([written, naps.slice(-1)]).toEqual([['token-51'], [60_000]]);
    expect(await keepToken(keeping([failure, refusal]))).toMatchObject({ ok: false });
  });

  it('that comes late is taken', async () => {
    expect(await renewToken(keeping([failure, failure, token]))).toMatchObject({ ok: true });
    expect(written).toEqual(['token-3']);
  });

  it('whose request is wrong is not asked for again', async () => {
    expect(await renewToken(keeping([refusal]))).toMatchObject({
      ok: false,
      error: expect.stringContaining('10 minutes'),
    });
    expect([requests, naps]).toEqual([1, []]);
  });

  it('that cannot be written is tried again', async () => {
    let faults = 1;
    const write = (text: string): void => {
      faults -= 1;
      if (faults >= 0) throw new Error('ENOSPC: no space left on device');
      written.push(text);
    };
    expect(await renewToken(keeping([token], { write }))).toMatchObject({ ok: true });
    expect(events[0]).toMatchObject({
      kind: 'failed',
      error: 'cannot write the token: ENOSPC: no space left on device',
    });
  });

  it('that has expired by our clock is not written', async () => {
    const expired = (): TokenAnswer => ({ ok: true, token: 'x', expiresAt: now });
    expect(await renewToken(keeping([expired]))).toMatchObject({
      ok: false,
      error: expect.stringContaining('check the clock'),
    });
    expect(written).toEqual([]);
  });
});

describe('a token file', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'token-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('is replaced as a whole, for its owner alone, and leaves nothing beside it', () => {
    const path = join(directory, 'token');
    writeTokenFile(path, 'a much longer first token');
    writeTokenFile(path, 'second');
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777, readdirSync(directory)]).toEqual([
      'second',
      0o600,
      ['token'],
    ]);
  });

  it('is nobody else’s, whatever lies where it is written first', () => {
    const path = join(directory, 'token');
    const elsewhere = join(directory, 'elsewhere');
    writeFileSync(elsewhere, 'untouched', { mode: 0o666 });
    symlinkSync(elsewhere, `${path}.${process.pid}.tmp`);
    writeTokenFile(path, 'secret');
    writeFileSync(`${path}.${process.pid}.tmp`, 'left by a killed process', { mode: 0o666 });
    writeTokenFile(path, 'secret');
    expect([readFileSync(elsewhere, 'utf8'), lstatSync(path).mode & 0o777]).toEqual(['untouched', 0o600]);
  });

  it('that cannot be written stays as it was', () => {
    const path = join(directory, 'token');
    symlinkSync(directory, join(directory, 'self'));
    expect(() => writeTokenFile(join(directory, 'nowhere', 'token'), 'x')).toThrow('ENOENT');
    expect(() => writeTokenFile(directory, 'x')).toThrow('EISDIR');
    writeTokenFile(path, 'x');
    expect(readdirSync(directory).sort()).toEqual(['self', 'token']);
  });
});
