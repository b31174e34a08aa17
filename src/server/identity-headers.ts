import type { UserInfo } from '../identity/user-info.ts';

/**
 * A user as request headers of kube-apiserver's front proxy, a line a value. Undefined where a header cannot hold it exactly: a name that is cut
 * or trimmed on the way would be somebody else's.
 */
export function toIdentityHeaders({
  username,
  uid,
  groups,
  extra,
}: UserInfo): Readonly<Record<string, readonly string[]>> | undefined {
  const headers: Record<string, readonly string[]> = {
    'X-Remote-User': [username],
    ...(uid !== '' && { 'X-Remote-Uid': [uid] }),
    ...(groups.length > 0 && { 'X-Remote-Group': groups }),
    ...Object.fromEntries([...extra].map(([key, values]) => [`X-Remote-Extra-${escapeKey(key)}`, values])),
  };
  if (!Object.values(headers).flat().every(isExact)) return undefined;
  return Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values.map(toBytes)]));
}

/** No control characters, no white space at either end, not empty. */
function isExact(value: string): boolean {
  return /^[^\p{Cc}]+$/u.test(value) && value.trim() === value;
}

/** kube-apiserver reads headers as UTF-8; Node writes each character as a byte. */
function toBytes(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1');
}

/** As client-go escapes: every byte that a header's name cannot have (RFC 9110 §5.6.2), and the percent sign. */
function escapeKey(key: string): string {
  return Array.from(Buffer.from(key, 'utf8'), (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9!#$&'*+.^_`|~-]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}
