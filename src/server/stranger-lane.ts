/**
 * Strangers' tokens may cost many signature checks each, and anybody can send them. So they are judged one after the other, and
 * after each the lane rests for as long as that took: all strangers together get half of the time at most, however many and
 * however costly, and who is known gets the other half.
 */
export class StrangerLane {
  readonly #capacity: number;
  readonly #ticks: () => number;
  readonly #queue: (() => void)[] = [];
  #isResting = false;
  /** Milliseconds of work that were not rested for yet; timers know whole milliseconds. */
  #owed = 0;

  /** `capacity`: how many may wait. `ticks`: a clock in milliseconds that never steps. */
  constructor(capacity: number, ticks: () => number) {
    this.#capacity = capacity;
    this.#ticks = ticks;
  }

  /** Does some work when its turn comes; nothing, at once, where too many wait already. */
  run<T>(work: () => T): Promise<T> | undefined {
    if (this.#queue.length >= this.#capacity) return undefined;
    return new Promise((resolve, reject) => {
      this.#queue.push(() => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      });
      if (!this.#isResting) this.#next();
    });
  }

  #next(): void {
    this.#isResting = false;
    const turn = this.#queue.shift();
    if (turn === undefined) return;
    const started = this.#ticks();
    turn();
    this.#owed += this.#ticks() - started;
    this.#isResting = true;
    if (this.#owed < 1) {
      setImmediate(() => this.#next());
    } else {
      const rest = this.#owed;
      this.#owed = 0;
      setTimeout(() => this.#next(), rest);
    }
  }
}
