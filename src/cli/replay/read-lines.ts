/** What lines are read from: a file's or a socket's chunks. */
export type Chunks = AsyncIterable<Buffer>;

/** A line longer than this is not looked at; kube-apiserver's events stay below it by far. */
const MAX_LINE = 32 * 1024 * 1024;

/** What is done with a line; `skipped` gets the lines that are too long. */
export interface LineSink {
  line(line: Buffer): void;
  skipped(): void;
}

const NEWLINE = 0x0a;

/** Splits chunks into lines, without their ends; keeps no more than one line. */
export async function readLines(chunks: Chunks, sink: LineSink): Promise<void> {
  let pending: Buffer[] = [];
  let length = 0;
  const finish = (end: Buffer): void => {
    const total = length + end.length;
    if (total > MAX_LINE) sink.skipped();
    else if (total > 0) sink.line(pending.length === 0 ? end : Buffer.concat([...pending, end]));
    pending = [];
    length = 0;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      finish(chunk.subarray(start, end));
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    length += rest.length;
    if (length <= MAX_LINE) pending.push(rest);
    else pending = [];
  }
  finish(Buffer.alloc(0));
}
