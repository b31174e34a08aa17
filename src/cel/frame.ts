import { type CelList, CelMap, type CelResult, type CelValue } from './value.ts';

/** The most that one evaluation may cost (Kubernetes' PerCallLimit). */
export const COST_LIMIT = 1_000_000;

/**
 * The most elements, and sixteenths of characters, that one evaluation may pass to functions. Kubernetes charges 1 for many a
 * function that reads all of a list, so its limit alone would let a rule run for minutes.
 */
const WORK_LIMIT = 20_000_000;

/** Thrown when an evaluation costs or works too much; nothing in an expression can absorb it. */
export class CostLimitExceeded extends Error {}

/** The values of an environment's variables; own properties only. */
export type CelInput = Readonly<Record<string, CelValue>>;

/** A part of a plan: evaluates a sub-expression and charges what that costs. */
export type Step = (frame: Frame) => CelResult;

/** The state of one evaluation: its input, the variables of its comprehensions, and what it has cost so far. */
export class Frame {
  readonly input: CelInput;
  readonly slots: (CelResult | undefined)[] = [];
  cost = 0;
  #work = 0;
  #searches: Map<object, Map<string, CelResult>> | undefined;

  constructor(input: CelInput) {
    this.input = input;
  }

  charge(cost: number): void {
    this.cost += cost;
    // A rule that gave NaN would else switch the limit off.
    if (!(this.cost <= COST_LIMIT)) throw new CostLimitExceeded();
  }

  /** What one call's searches have given so far, by the text. */
  searchesOf(call: object): Map<string, CelResult> {
    this.#searches ??= new Map();
    const known = this.#searches.get(call);
    if (known !== undefined) return known;
    const results = new Map<string, CelResult>();
    this.#searches.set(call, results);
    return results;
  }

  /** Counts the work of reading a value that a function gets. */
  read(value: CelResult): void {
    this.#work += weightOf(value);
    if (this.#work > WORK_LIMIT) throw new CostLimitExceeded();
  }
}

function weightOf(value: CelResult | undefined): number {
  if (typeof value === 'string') return value.length >> 4;
  if (Array.isArray(value)) return weightOfList(value as CelList);
  return value instanceof CelMap ? value.size : 0;
}

/** Lists of lists, maps or long texts weigh what their elements do. */
function weightOfList(list: CelList): number {
  const [first] = list;
  const isDeep = Array.isArray(first) || first instanceof CelMap || weightOf(first) > 0;
  return isDeep ? list.reduce<number>((sum, element) => sum + 1 + weightOf(element), 0) : list.length;
}
