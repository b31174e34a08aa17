import { Failure } from './failure.ts';

/**
 * A whole number from 1.
 *
 * @throws Failure naming the flag.
 */
export function parseCount(flag: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new Failure(`${flag}: ${JSON.stringify(text)} is not a whole number from 1`);
  return Number(text);
}
