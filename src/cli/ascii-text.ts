/** Longer names are cut: they are somebody else's words in our file. */
const MAX_LENGTH = 100;

/** A name in quotes and printable ASCII alone, as a JSON string: it can end no comment, in whatever version of YAML. */
export function quoteAscii(name: string): string {
  const quoted = JSON.stringify(name.slice(0, MAX_LENGTH));
  return quoted.replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
