import type { UserInfo } from '../identity/user-info.ts';

/**
 * What such headers may take beside a session, so that those who want the session alone need no more room for it: Envoy takes 100 lines of an
 * answer, nginx as much as its proxy_buffer_size.
 */
const LIMITS = { lines: 80, bytes: 24 * 1024 };

/**
 * A user as request headers of kube-apiserver's front proxy, a line a value. Undefined where headers cannot hold it exactly: a name that is cut
 * or trimmed on the way would be somebody else's, and a user with a part of the groups would be another.
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
  if (!Object.values(headers).flat().every(isExact) || !hasRoom(headers)) return undefined;
  return Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values.map(toBytes)]));
}

function hasRoom(headers: Readonly<Record<string, readonly string[]>>): boolean {
  const lines = Object.entries(headers).flatMap(([name, values]) =>
    values.map((value) => Buffer.byteLength(`${name}: ${value}\r\n`)),
  );
  return lines.length <= LIMITS.lines && lines.reduce((sum, bytes) => sum + bytes, 0) <= LIMITS.bytes;
}

/** No control characters, no white space at either end, not empty. */
function isExact(value: string): boolean {
  return /^[^\p{Cc}]+$/u.test(value) && value.trim() === value;
}

/** kube-apiserver reads headers as UTF-8; Node writes each character as a byte. */
function toBytes(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1');
}

/** Every byte that a header's name cannot have (RFC 9110 §5.6.2), the percent sign, and capitals, which kube-apiserver lowers before it unescapes. */
function escapeKey(key: string): string {
  return Array.from(Buffer.from(key, 'utf8'), (byte) => {
    const character = String.fromCharCode(byte);
    return /[a-z0-9!#$&'*+.^_`|~-]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}
