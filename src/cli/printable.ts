/** Longer names are cut: they are somebody else's words in our output. */
const MAX_LENGTH = 100;

/** A name in quotes and printable ASCII alone, as a JSON string: a terminal, a log and a YAML comment take it for what it is. */
export function toPrintable(name: string): string {
  const quoted = JSON.stringify(name.slice(0, MAX_LENGTH));
  return quoted.replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A time in whole seconds, as X.509 and Kubernetes write it. */
export function toTimeText(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}
