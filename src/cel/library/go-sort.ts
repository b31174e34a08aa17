/** Whether the element at one index belongs before that at another. */
export type Less = (a: number, b: number) => boolean;

/** Ranges up to this length are sorted by insertion, which keeps equal elements in order. */
const SHORT = 12;

/** From this length on the pivot is chosen among nine elements, and a nearly sorted range is mended in place. */
const LONG = 50;

/**
 * The indices below `length` in the order in which Go's `sort.Slice` leaves them: a pattern-defeating quicksort (Peters,
 * arXiv:2106.05123), which is not stable. Where elements are equal, their order is part of what cel-go answers, so the
 * same steps are taken in the same order.
 */
export function goSort(length: number, less: Less): number[] {
  const sorter = new Sorter(length, less);
  sorter.sort({ from: 0, to: length }, bitLength(length));
  return sorter.order;
}

/** Elements from one place up to another. */
interface Range {
  readonly from: number;
  readonly to: number;
}

interface Pivot {
  readonly at: number;
  /** How many of the pairs that were compared to choose it were out of order. */
  readonly swaps: number;
}

/** Swaps counted among nine elements where every pair is out of order. */
const ALL_SWAPPED = 12;

function bitLength(value: number): number {
  return value === 0 ? 0 : value.toString(2).length;
}

class Sorter {
  readonly order: number[];
  readonly #less: Less;

  constructor(length: number, less: Less) {
    this.order = Array.from({ length }, (_, index) => index);
    this.#less = less;
  }

  /** `patience` is how many bad pivots are borne before the range is sorted as a heap. */
  sort(range: Range, patience: number): void {
    let { from, to } = range;
    let remaining = patience;
    let wasBalanced = true;
    let wasPartitioned = true;
    while (to - from > SHORT) {
      if (remaining === 0) return this.#heapSort({ from, to });
      if (!wasBalanced) {
        this.#scatter({ from, to });
        remaining--;
      }
      const chosen = this.#choosePivot({ from, to });
      const isReversed = chosen.swaps === ALL_SWAPPED;
      if (isReversed) this.#reverse({ from, to });
      const pivot = isReversed ? to - 1 - (chosen.at - from) : chosen.at;
      const seemsSorted = wasBalanced && wasPartitioned && (isReversed || chosen.swaps === 0);
      if (seemsSorted && this.#mend({ from, to })) return;
      if (from > 0 && !this.#isLess(from - 1, pivot)) {
        from = this.#partitionEqual({ from, to }, pivot);
        continue;
      }
      const { middle, wasDone } = this.#partition({ from, to }, pivot);
      wasPartitioned = wasDone;
      wasBalanced = Math.min(middle - from, to - middle) >= Math.trunc((to - from) / 8);
      // The shorter side is sorted by recursion, so that its depth stays logarithmic.
      if (middle - from < to - middle) {
        this.sort({ from, to: middle }, remaining);
        from = middle + 1;
      } else {
        this.sort({ from: middle + 1, to }, remaining);
        to = middle;
      }
    }
    this.#insertionSort({ from, to });
  }

  #isLess(a: number, b: number): boolean {
    return this.#less(this.order[a] as number, this.order[b] as number);
  }

  #swap(a: number, b: number): void {
    const { order } = this;
    [order[a], order[b]] = [order[b] as number, order[a] as number];
  }

  #insertionSort({ from, to }: Range): void {
    for (let at = from + 1; at < to; at++) this.#sink(at, from);
  }

  /** Moves an element towards the front while it is less than the one before it. */
  #sink(at: number, floor: number): void {
    for (let place = at; place > floor && this.#isLess(place, place - 1); place--)
      this.#swap(place, place - 1);
  }

  #heapSort({ from, to }: Range): void {
    const length = to - from;
    for (let root = Math.trunc((length - 1) / 2); root >= 0; root--) this.#siftDown(root, length, from);
    for (let end = length - 1; end >= 0; end--) {
      this.#swap(from, from + end);
      this.#siftDown(0, end, from);
    }
  }

  #siftDown(start: number, end: number, offset: number): void {
    for (let root = start; 2 * root + 1 < end; ) {
      const left = 2 * root + 1;
      const isRight = left + 1 < end && this.#isLess(offset + left, offset + left + 1);
      const child = isRight ? left + 1 : left;
      if (!this.#isLess(offset + root, offset + child)) return;
      this.#swap(offset + root, offset + child);
      root = child;
    }
  }

  /** Brings elements less than the pivot before it. */
  #partition({ from, to }: Range, pivot: number): { readonly middle: number; readonly wasDone: boolean } {
    this.#swap(from, pivot);
    let left = from + 1;
    let right = to - 1;
    for (let swaps = 0; ; swaps++) {
      while (left <= right && this.#isLess(left, from)) left++;
      while (left <= right && !this.#isLess(right, from)) right--;
      if (left > right) {
        this.#swap(right, from);
        return { middle: right, wasDone: swaps === 0 };
      }
      this.#swap(left++, right--);
    }
  }

  /** Brings elements equal to the pivot, than which none is less, to the front; gives where the others begin. */
  #partitionEqual({ from, to }: Range, pivot: number): number {
    this.#swap(from, pivot);
    let left = from + 1;
    let right = to - 1;
    for (;;) {
      while (left <= right && !this.#isLess(from, left)) left++;
      while (left <= right && this.#isLess(from, right)) right--;
      if (left > right) return left;
      this.#swap(left++, right--);
    }
  }

  /** Tries to sort a range that seems sorted by mending up to five places. */
  #mend({ from, to }: Range): boolean {
    let at = from + 1;
    for (let step = 0; step < 5; step++) {
      while (at < to && !this.#isLess(at, at - 1)) at++;
      if (at === to) return true;
      if (to - from < LONG) return false;
      this.#swap(at, at - 1);
      if (at - from >= 2) this.#sink(at - 1, 0);
      if (to - at >= 2) this.#rise(at + 1, to);
    }
    return false;
  }

  /** Moves the element before this place towards the end while the next one is less. */
  #rise(at: number, end: number): void {
    for (let place = at; place < end && this.#isLess(place, place - 1); place++) this.#swap(place, place - 1);
  }

  /** Swaps three elements in the middle with pseudo-random ones, seeded by the length. */
  #scatter({ from, to }: Range): void {
    const length = to - from;
    const mask = (1n << BigInt(bitLength(length))) - 1n;
    const middle = from + Math.trunc(length / 4) * 2;
    let random = BigInt(length);
    for (let place = middle - 1; place <= middle + 1; place++) {
      random = nextRandom(random);
      const other = Number(random & mask);
      this.#swap(place, from + (other >= length ? other - length : other));
    }
  }

  #choosePivot({ from, to }: Range): Pivot {
    const quarter = Math.trunc((to - from) / 4);
    const candidates = [quarter, quarter * 2, quarter * 3].map((offset) => ({ at: from + offset, swaps: 0 }));
    if (to - from < LONG) return this.#median(candidates);
    return this.#median(
      candidates.map(({ at }) => this.#median([at - 1, at, at + 1].map((near) => ({ at: near, swaps: 0 })))),
    );
  }

  /** The middle one of three, with all swaps that were counted. */
  #median(three: readonly Pivot[]): Pivot {
    const places = three.map(({ at }) => at);
    let swaps = three.reduce((total, pivot) => total + pivot.swaps, 0);
    for (const [first, second] of [
      [0, 1],
      [1, 2],
      [0, 1],
    ] as const) {
      const [a, b] = [places[first] as number, places[second] as number];
      if (!this.#isLess(b, a)) continue;
      [places[first], places[second]] = [b, a];
      swaps++;
    }
    return { at: places[1] as number, swaps };
  }

  #reverse({ from, to }: Range): void {
    for (let left = from, right = to - 1; left < right; left++, right--) this.#swap(left, right);
  }
}

/** The next number of a 64-bit xorshift generator. */
function nextRandom(state: bigint): bigint {
  const first = BigInt.asUintN(64, state ^ (state << 13n));
  const second = first ^ (first >> 7n);
  return BigInt.asUintN(64, second ^ (second << 17n));
}
