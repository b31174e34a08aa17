import { isIP } from 'node:net';
import { Failure } from './failure.ts';

/** A host and port to listen on. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * A port from 0 (any free one) to 65535.
 *
 * @throws Failure naming the flag.
 */
export function parsePort(flag: string, text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65535)
    throw new Failure(`${flag}: ${JSON.stringify(text)} is not a port: expected 0 to 65535`);
  return port;
}

/**
 * `HOST:PORT`, an IPv6 address in brackets.
 *
 * @throws Failure naming the flag.
 */
export function parseAddress(flag: string, text: string): Address {
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<host>[^:]+)):(?<port>\d+)$/.exec(text);
  const host = match?.groups?.['v6'] ?? match?.groups?.['host'];
  const port = match?.groups?.['port'];
  if (host === undefined || port === undefined || (match?.groups?.['v6'] !== undefined && isIP(host) !== 6)) {
    throw new Failure(
      `${flag}: ${JSON.stringify(text)} is not an address: expected HOST:PORT, as in 127.0.0.1:8081 or [::1]:8081`,
    );
  }
  return { host, port: parsePort(flag, port) };
}
