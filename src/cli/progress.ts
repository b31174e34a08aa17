/** The terminal that progress is shown on. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** A bar that is drawn again as work goes on; nothing is written where there is no terminal. */
export interface Progress {
  advance(): void;
  end(): void;
}

const WIDTH = 30;

/** A bar for `total` pieces of work. */
export function createProgress(stream: ProgressStream, total: number): Progress {
  if (stream.isTTY !== true || total < 2) return { advance() {}, end() {} };
  let done = 0;
  let drawn = -1;
  return {
    advance() {
      done += 1;
      const percent = Math.floor((100 * done) / total);
      if (percent === drawn) return;
      drawn = percent;
      const full = Math.floor((WIDTH * done) / total);
      stream.write(`\r[${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}] ${done}/${total}`);
    },
    end() {
      stream.write(`\r${' '.repeat(WIDTH + 24)}\r`);
    },
  };
}
