/** Ends the reading of a terminator's headers; caught in `readForwarded` and nowhere else. */
export class BadHeader extends Error {}
