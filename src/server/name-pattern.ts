/** Whether a text has wildcards: `*` for any characters of a name, `?` for one. */
export function isPattern(text: string): boolean {
  return /[*?]/.test(text);
}

/**
 * Whether a whole name fits a pattern. One that begins with a dot fits a pattern that does, too, alone. Goes back to the last `*`
 * alone, so that the work is the product of their lengths at most.
 */
export function fitsPattern(name: string, pattern: string): boolean {
  if (name.startsWith('.') !== pattern.startsWith('.')) return false;
  let at = 0;
  let next = 0;
  let star = -1;
  let starAt = 0;
  while (at < name.length) {
    if (next < pattern.length && pattern[next] === '*') {
      star = next;
      starAt = at;
      next += 1;
    } else if (next < pattern.length && (pattern[next] === '?' || pattern[next] === name[at])) {
      at += 1;
      next += 1;
    } else if (star >= 0) {
      starAt += 1;
      at = starAt;
      next = star + 1;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(next));
}
