/** A JSON object of a token, whatever is in it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Ends the reading of a JWS that is none; caught by whoever opens the token it stands in. */
export class MalformedJws extends Error {}

/** The three parts of a compact JWS (RFC 7515 §7.1), still encoded. */
export interface CompactJws {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
}

/** Splits a compact JWS. Throws MalformedJws where a part is missing, empty or too much. */
export function splitJws(jws: string): CompactJws {
  const parts = jws.split('.');
  const [header, payload, signature] = parts;
  if (parts.length !== 3 || !header || !payload || !signature) {
    throw new MalformedJws('a token is header.payload.signature after its prefix, none of them empty');
  }
  return { header, payload, signature };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads a part that is a JSON object. Throws MalformedJws, naming the part. */
export function readJsonPart(part: string, name: string): JsonObject {
  const bytes = decodePart(part, name);
  let value: unknown;
  try {
    value = JSON.parse(UTF8.decode(bytes));
  } catch {
    throw new MalformedJws(`the ${name} is not JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MalformedJws(`the ${name} is not a JSON object`);
  }
  return value as JsonObject;
}

/** Decodes a part. Throws MalformedJws where another text would mean the same bytes. */
export function decodePart(part: string, name: string): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') !== part) throw new MalformedJws(`the ${name} is not canonical base64url`);
  return bytes;
}

/** A JSON object as a part. */
export function encodePart(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
