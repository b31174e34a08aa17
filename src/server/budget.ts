/** What one request holds of a budget, until it gives it back. */
export interface Share {
  /** Takes so much more; false, and nothing taken, where the budget has not got it. */
  take(amount: number): boolean;
  release(): void;
}

/** An amount that all requests together may use at once. */
export class Budget {
  readonly #limit: number;
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  share(): Share {
    let held = 0;
    return {
      take: (amount) => {
        if (this.#used + amount > this.#limit) return false;
        this.#used += amount;
        held += amount;
        return true;
      },
      release: () => {
        this.#used -= held;
        held = 0;
      },
    };
  }
}
