import type { CertificateTrace, IssuerTrace } from '../x509/path-trace.ts';
import { type JsonObject, MalformedJws } from './compact-jws.ts';
import type { SessionClaims, SessionUser } from './session-token.ts';

/**
 * Reads the claims of a session whose signature holds. We wrote them ourselves, but perhaps by another version of this program.
 * Throws MalformedJws, naming the claim.
 */
export function readSessionClaims(payload: JsonObject): SessionClaims {
  const entry = objectOf(payload, 'entry');
  return {
    aud: textOf(payload, 'aud'),
    iat: numberOf(payload, 'iat'),
    exp: numberOf(payload, 'exp'),
    jti: textOf(payload, 'jti'),
    entry: { id: textOf(entry, 'id'), hash: textOf(entry, 'hash') },
    possession: textOf(payload, 'possession'),
    credentialId: textOf(payload, 'credentialId'),
    user: readUser(objectOf(payload, 'user')),
    path: listOf(payload, 'path').map((item) => readTrace(toObject(item, 'path'))),
  };
}

function readUser(user: JsonObject): SessionUser {
  const extra = objectOf(user, 'extra');
  return {
    username: textOf(user, 'username'),
    uid: textOf(user, 'uid'),
    groups: textsOf(user, 'groups'),
    extra: Object.fromEntries(Object.keys(extra).map((key) => [key, textsOf(extra, key)])),
  };
}

function readTrace(trace: JsonObject): CertificateTrace {
  const serial = textOf(trace, 'serial');
  if (!/^-?\d+$/.test(serial)) throw new MalformedJws('path.serial must be a decimal number');
  return {
    serial,
    fingerprint: textOf(trace, 'fingerprint'),
    publicKey: textOf(trace, 'publicKey'),
    authorityKeyId: textOf(trace, 'authorityKeyId'),
    ...(trace['issuer'] !== undefined && { issuer: readIssuer(objectOf(trace, 'issuer')) }),
  };
}

function readIssuer(issuer: JsonObject): IssuerTrace {
  return { name: textOf(issuer, 'name'), keyId: textOf(issuer, 'keyId'), hash: textOf(issuer, 'hash') };
}

function textOf(object: JsonObject, name: string): string {
  const value = object[name];
  if (typeof value !== 'string') throw new MalformedJws(`${name} must be a string`);
  return value;
}

function numberOf(object: JsonObject, name: string): number {
  const value = object[name];
  if (typeof value !== 'number') throw new MalformedJws(`${name} must be a number`);
  return value;
}

function textsOf(object: JsonObject, name: string): readonly string[] {
  const list = listOf(object, name);
  if (!list.every((item) => typeof item === 'string')) {
    throw new MalformedJws(`${name} must be a list of strings`);
  }
  return list;
}

function listOf(object: JsonObject, name: string): readonly unknown[] {
  const value = object[name];
  if (!Array.isArray(value)) throw new MalformedJws(`${name} must be a list`);
  return value;
}

function objectOf(object: JsonObject, name: string): JsonObject {
  return toObject(object[name], name);
}

function toObject(value: unknown, name: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MalformedJws(`${name} must be an object`);
  }
  return value as JsonObject;
}
