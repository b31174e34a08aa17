import type { UserInfo } from '../../identity/user-info.ts';

/** The kubectl command that lists what a user may do; it can be pasted into a shell whatever the names are. */
export function canICommand({ username, uid, groups }: UserInfo): string {
  const words = [
    'kubectl auth can-i --list',
    `--as=${quote(username)}`,
    ...groups.map((group) => `--as-group=${quote(group)}`),
    ...(uid === '' ? [] : [`--as-uid=${quote(uid)}`]),
  ];
  return words.join(' ');
}

const BARE = /^[\w.@:/+-]+$/;
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

/** POSIX quoting; where a terminal would act on a character, bash's `$'…'` with the octets of its UTF-8. */
function quote(text: string): string {
  if (BARE.test(text)) return text;
  if (!UNPRINTABLE.test(text)) return `'${text.replaceAll("'", String.raw`'\''`)}'`;
  const escaped = Array.from(text, (character) => {
    if (/[\\']/.test(character)) return `\\${character}`;
    return UNPRINTABLE.test(character) ? octets(character) : character;
  });
  return `$'${escaped.join('')}'`;
}

function octets(character: string): string {
  return Array.from(Buffer.from(character), (octet) => `\\x${octet.toString(16).padStart(2, '0')}`).join('');
}
