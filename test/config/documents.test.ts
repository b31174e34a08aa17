import { describe, expect, it } from 'vitest';
import { splitDocuments, textInPlace } from '../../src/config/documents.ts';

describe('the documents of a file', () => {
  it.each<[string, string, readonly (readonly [string, number])[]]>([
    ['one', 'kind: A\n', [['A', 0]]],
    ['one after a marker', '---\nkind: A\n', [['A', 0]]],
    [
      'several',
      'kind: A\n---\nkind: B\n--- # three\nkind: C\n',
      [
        ['A', 0],
        ['B', 1],
        ['C', 3],
      ],
    ],
    [
      'several with an end marker',
      'kind: A\n...\n---\nkind: B\n',
      [
        ['A', 0],
        ['B', 2],
      ],
    ],
    [
      'those without content left out',
      '# a\n---\n# b\n---\nkind: A\n---\n\n---\nkind: B\n',
      [
        ['A', 3],
        ['B', 7],
      ],
    ],
    [
      'on the marker’s line',
      '--- {kind: A}\n--- {kind: B}\n',
      [
        ['A', 0],
        ['B', 1],
      ],
    ],
    [
      'a marker within a text that is indented',
      'kind: A\na: |\n  ---\n  b\n---\nkind: B\n',
      [
        ['A', 0],
        ['B', 4],
      ],
    ],
    ['JSON', ' {"kind": "A"}', [['A', 0]]],
    ['nothing', '', [['', 0]]],
    ['a list', '- 1\n', [['', 0]]],
  ])('%s', (_, text, expected) => {
    expect(splitDocuments(text).map(({ kind, linesBefore }) => [kind, linesBefore])).toEqual(expected);
  });

  it('says what cannot be read', () => {
    expect(splitDocuments('kind: A\n---\n{{ template }}\n').map(({ isReadable }) => isReadable)).toEqual([
      true,
      false,
    ]);
  });

  it('keeps the lines of each where they are', () => {
    const [, second] = splitDocuments('kind: A\n---\nkind: B\nb: 1\n');
    expect(second && textInPlace(second).split('\n')).toEqual(['', '---', 'kind: B', 'b: 1', '']);
  });
});
