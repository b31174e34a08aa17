/**
 * Whether a text can stand as a domain name in a certificate, by Go's rule: printable ASCII without spaces, no empty
 * label, no trailing dot. An empty text is one.
 */
export function isDomainName(text: string): boolean {
  // Not a regular expression over labels: this one runs once over the text whatever it holds.
  let isLabelEmpty = true;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const isDot = code === 0x2e;
    if (code < 33 || code > 126 || (isDot && isLabelEmpty)) return false;
    isLabelEmpty = isDot;
  }
  return text === '' || !isLabelEmpty;
}

/** A domain as a name constraint: as `isDomainName`, and a leading dot asks for at least one more label. */
export function isDomainConstraint(text: string): boolean {
  if (text === '.') return false;
  return isDomainName(text.startsWith('.') ? text.slice(1) : text);
}

/** Lower-cases ASCII letters, and those alone. */
export function toLowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
