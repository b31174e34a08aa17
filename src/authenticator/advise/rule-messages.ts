import type { Advice } from './advice.ts';

/** A rule that does not say what it is for. */
export const ruleNoMessage: Advice = {
  id: 'rule/no-message',
  severity: 'info',
  title: 'a rule has no message',
  explanation:
    'The message is what an administrator reads in the log when a login is denied, and what the client of a dry-run is told; without one it says only which rule it was, by number. Say what must be so, or what is not allowed, in one line.',
  find: ({ rules }) =>
    rules
      .filter(({ rule }) => rule.message === '')
      .map(({ path, index, kind }) => ({
        path,
        message: `${path}: has no message: a denial will only say "${kind} rule ${index} is false"`,
      })),
};
