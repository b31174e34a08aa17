/** Bytes of an id: no two are alike in all the logs that are ever searched. */
const ID_BYTES = 8;

/** Ids whose bytes are drawn at once, since drawing costs by the call. */
const IDS_DRAWN = 256;

/** Makes decision ids, in hex. `draw` gives so many random bytes. */
export function createDecisionIds(draw: (count: number) => Buffer): () => string {
  let drawn: Buffer = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at === drawn.length) {
      drawn = draw(IDS_DRAWN * ID_BYTES);
      at = 0;
    }
    at += ID_BYTES;
    return drawn.toString('hex', at - ID_BYTES, at);
  };
}
