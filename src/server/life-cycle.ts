import type { Log } from './log.ts';
import { reasonOf } from './reason-of.ts';

/** What ends with a process that serves. Times are milliseconds. */
export interface LifeCycleOptions {
  /** Between being told to stop and taking no more connections, so that balancers notice that we are not ready. */
  readonly shutdownDelayMs: number;
  /** Stops listening, and resolves when the last answer under way is out. */
  readonly close: () => Promise<void>;
  /** Ends what is still under way. */
  readonly cut: () => void;
  /** Ends the process. */
  readonly exit: (code: number) => void;
  readonly log: Log;
  /** How long answers under way are waited for; longer than any request may take. */
  readonly drainMs?: number;
}

/** Serving; told to stop, but still serving; or waiting for the last answers. */
export type Stage = 'serving' | 'stopping' | 'draining';

/** How a process that serves comes to its end, once and in order: not ready, delay, drain, exit. */
export class LifeCycle {
  readonly #options: Required<LifeCycleOptions>;
  #stage: Stage = 'serving';
  #exitCode = 0;
  #delay: NodeJS.Timeout | undefined;

  constructor(options: LifeCycleOptions) {
    this.#options = { drainMs: 30_000, ...options };
  }

  get stage(): Stage {
    return this.#stage;
  }

  /** A signal to stop. The first drains; the second, whenever it comes, ends the process at once. */
  signal(name: string): void {
    const { log, exit, shutdownDelayMs } = this.#options;
    if (this.#stage !== 'serving') {
      log.warn('ending at once', { signal: name });
      exit(1);
      return;
    }
    log.event('stopping', 'stopping', { signal: name, delayMs: shutdownDelayMs });
    this.#stage = 'stopping';
    this.#delay = setTimeout(() => this.#drain(), shutdownDelayMs);
  }

  /** A fault outside any request: nobody knows what state it left behind. Ends with 1 when the answers under way are out. */
  fail(error: unknown): void {
    const { log } = this.#options;
    log.fatal(error);
    this.#exitCode = 1;
    clearTimeout(this.#delay);
    if (this.#stage !== 'draining') this.#drain();
  }

  #drain(): void {
    const { close, cut, exit, log, drainMs } = this.#options;
    this.#stage = 'draining';
    const deadline = setTimeout(() => {
      log.warn('some answers were still under way', { drainMs });
      cut();
    }, drainMs);
    const end = (): void => {
      clearTimeout(deadline);
      log.event('stopped', 'stopped', { exitCode: this.#exitCode });
      exit(this.#exitCode);
    };
    close().then(end, (error: unknown) => {
      log.warn('closing failed', { error: reasonOf(error) });
      end();
    });
  }
}
