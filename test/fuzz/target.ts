import type { Random } from './random.ts';

/** An input: its parts, such as the certificates of a chain. */
export type Input = readonly Buffer[];

/** A part of the product that strangers' bytes reach. */
export interface Target {
  readonly name: string;
  /** Makes an input; the same for the same random numbers. */
  generate(random: Random): Input;
  /** Feeds an input to the product; says what is wrong with the answer, if something is. An exception is wrong always. */
  run(input: Input): string | undefined;
}
