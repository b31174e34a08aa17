import { isDomainName } from './domain-name.ts';

/** A mailbox of RFC 2821 §4.1.2, unescaped. */
export interface Mailbox {
  readonly local: string;
  readonly domain: string;
}

// RFC 2822 §3.2.4 atext and dots; RFC 3696 §3 shows escapes outside of quotes, so an escaped character is one too,
// whatever it is.
const ATOMS = /^(?:\\[^]|[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.])*/;
// RFC 2821's qtext, with the space that RFC 3696 §3 shows, and quoted pairs. The text is ASCII.
const QUOTED = /^"((?:[^\0\t\n\r"\\]|\\[^\0\n\r])*)"/;

/** Parses an rfc822Name as Go does; undefined where it is no mailbox. */
export function parseMailbox(text: string): Mailbox | undefined {
  const quoted = QUOTED.exec(text);
  const head = quoted?.[0] ?? (text.startsWith('"') ? '' : (ATOMS.exec(text)?.[0] ?? ''));
  const local = unescape(quoted?.[1] ?? head);
  if (quoted === null && !isDotted(local)) return undefined;
  if (text[head.length] !== '@') return undefined;
  const domain = text.slice(head.length + 1);
  return isDomainName(domain) ? { local, domain } : undefined;
}

function unescape(text: string): string {
  return text.replace(/\\([^])/g, '$1');
}

/** RFC 3696 §3: a period neither begins nor ends the local part, nor follows another. */
function isDotted(local: string): boolean {
  return local !== '' && !local.startsWith('.') && !local.endsWith('.') && !local.includes('..');
}
