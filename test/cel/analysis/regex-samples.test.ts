import { describe, expect, it } from 'vitest';
import { isMatch, regexSamples } from '../../../src/cel/analysis/regex-samples.ts';

describe('texts that a regular expression matches', () => {
  it.each([
    '^[a-z]+@example\\.com$',
    '^dev-[a-z0-9]{3,10}$',
    '^(alice|bob|carol)$',
    '^\\d+$',
    '^(?:a|b)*c?$',
    '(?i)^ADMIN$',
    '^[^:]+:[^:]+$',
    '^\\Qa.b\\E$',
    '^(?P<name>\\w+)\\.(?P<rest>.*)$',
    '^[[:alpha:]]$',
    '^\\pL+$',
    '^a{2}b{2,}$',
    '^[\\w.-]+$',
    '^x|y$',
  ])('are found for %s', (pattern) => {
    const samples = regexSamples(pattern);
    expect(samples).not.toEqual([]);
    for (const sample of samples) expect(isMatch(pattern, sample)).toBe(true);
  });

  it('are short and long', () => {
    const lengths = regexSamples('^[0-9]+$').map(({ length }) => length);
    expect([Math.min(...lengths), Math.max(...lengths)]).toEqual([1, 24]);
  });

  it.each(['[', '^a\\bb$', ''])('are at least none for %j', (pattern) => {
    for (const sample of regexSamples(pattern)) expect(isMatch(pattern, sample)).toBe(true);
  });
});
