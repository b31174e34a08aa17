/** A user's mistake, or a file or address that cannot be used: its message is the whole answer. */
export class Failure extends Error {
  /** 1: findings in what was given; 2: usage or I/O. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 2) {
    super(message);
    this.exitCode = exitCode;
  }
}
