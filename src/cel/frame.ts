import type { CelResult, CelValue } from './value.ts';

/** The most that one evaluation may cost (Kubernetes' PerCallLimit). */
export const COST_LIMIT = 1_000_000;

/** Thrown when an evaluation costs too much; nothing in an expression can absorb it. */
export class CostLimitExceeded extends Error {}

/** The values of an environment's variables, by name. */
export type CelInput = ReadonlyMap<string, CelValue>;

/** A part of a plan: evaluates a sub-expression and charges what that costs. */
export type Step = (frame: Frame) => CelResult;

/** The state of one evaluation: its input, the variables of its comprehensions, and what it has cost so far. */
export class Frame {
  readonly input: CelInput;
  readonly slots: (CelResult | undefined)[];
  cost = 0;

  constructor(input: CelInput, slotCount: number) {
    this.input = input;
    this.slots = new Array<CelResult | undefined>(slotCount);
  }

  charge(cost: number): void {
    this.cost += cost;
    if (this.cost > COST_LIMIT) throw new CostLimitExceeded();
  }
}
