import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canICommand } from '../../src/cli/dry-run/can-i.ts';
import { createProgress } from '../../src/cli/progress.ts';
import { formatTable } from '../../src/cli/table.ts';
import { choosePalette } from '../../src/cli/terminal.ts';
import { toPrintable, toPrintableLines } from '../../src/server/printable.ts';

describe('text of others on a terminal', () => {
  it.each<[string, string, string]>([
    ['plain text', 'alice, O=dev "x" ü 漢 😀', 'alice, O=dev "x" ü 漢 😀'],
    ['a line end', 'a\nb\r\tc', String.raw`a\nb\r\tc`],
    ['an escape sequence', '\u001b[2K\u009b0m\u007f', String.raw`\u001b[2K\u009b0m\u007f`],
    ['text that runs the other way', '\u202eabc\u2066\u200b', String.raw`\u202eabc\u2066\u200b`],
    ['separators of lines and paragraphs', '\u2028\u2029\u0085', String.raw`\u2028\u2029\u0085`],
    ['a tag character beyond the BMP', '\u{e0041}', String.raw`\udb40\udc41`],
  ])('%s', (_, text, printed) => {
    expect(toPrintable(text)).toBe(printed);
  });

  it('is one line of printable characters, and JSON stays the JSON that it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(toPrintable(text)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        expect(JSON.parse(toPrintableLines(JSON.stringify([text], null, 2)))).toEqual([text]);
      }),
    );
  });
});

describe('colour', () => {
  it.each<[string, Parameters<typeof choosePalette>[0], string]>([
    ['on a terminal', { isTTY: true, env: { TERM: 'xterm' } }, '\u001b[32mok\u001b[0m'],
    ['no terminal', { isTTY: false, env: { TERM: 'xterm' } }, 'ok'],
    ['NO_COLOR', { isTTY: true, env: { NO_COLOR: '1' } }, 'ok'],
    ['NO_COLOR, but empty', { isTTY: true, env: { NO_COLOR: '' } }, '\u001b[32mok\u001b[0m'],
    ['a dumb terminal', { isTTY: true, env: { TERM: 'dumb' } }, 'ok'],
  ])('%s', (_, wish, painted) => {
    expect(choosePalette(wish).good('ok')).toBe(painted);
  });
});

describe('a table', () => {
  it('is as wide as its cells, but for one that is longer than others should suffer', () => {
    const long = 'x'.repeat(1000);
    expect(formatTable(['A', 'B'], [['alice', '1']])).toEqual(['A      B', 'alice  1']);
    const [heading, first] = formatTable(
      ['A', 'B'],
      [
        ['alice', '1'],
        [long, '2'],
      ],
    );
    expect([heading?.length, first?.length]).toEqual([67, 67]);
  });
});

describe('the progress bar', () => {
  const draw = (isTTY: boolean, total: number): string => {
    let text = '';
    const progress = createProgress({ isTTY, write: (part: string) => (text += part) }, total);
    for (let done = 0; done < total; done += 1) progress.advance();
    progress.end();
    return text;
  };
  it('is drawn on a terminal and wiped at the end', () => {
    expect(draw(true, 2)).toBe(
      `\r[${'#'.repeat(15)}${'.'.repeat(15)}] 1/2\r[${'#'.repeat(30)}] 2/2\r${' '.repeat(54)}\r`,
    );
  });
  it('is drawn once a percent', () => {
    expect(draw(true, 10_000).split('\r')).toHaveLength(104);
  });
  it.each([
    ['elsewhere', false, 100],
    ['for a single file', true, 1],
  ])('is not drawn %s', (_, isTTY, total) => {
    expect(draw(isTTY, total).trim()).toBe('');
  });
});

describe('the kubectl command', () => {
  const wordsOf = (command: string): readonly string[] =>
    execFileSync('bash', ['-c', `printf '%s\\0' ${command}`])
      .toString('utf8')
      .split('\0')
      .slice(0, -1);

  it('is what a shell splits into the names again, whatever they are', () => {
    const name = fc
      .string({ unit: 'binary', maxLength: 12 })
      .filter((text) => !text.includes('\0') && Buffer.from(text).toString('utf8') === text);
    const names = fc.oneof(
      fc.constantFrom("it's", 'a b', '$(id)', '`id`', '\u001b[2K', 'a\\n', '-x', '*', "'\n'", ''),
      name,
    );
    fc.assert(
      fc.property(names, names, (username, group) => {
        const command = canICommand({ username, uid: 'u 1', groups: [group], extra: new Map() });
        expect(command).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        expect(wordsOf(command)).toEqual([
          ...['kubectl', 'auth', 'can-i', '--list'],
          `--as=${username}`,
          `--as-group=${group}`,
          '--as-uid=u 1',
        ]);
      }),
      { numRuns: 60 },
    );
  });
});
