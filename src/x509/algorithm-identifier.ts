import type { DerReader } from './der.ts';
import { readObjectIdentifier } from './object-identifier.ts';

/** An AlgorithmIdentifier (RFC 5280 §4.1.1.2); `parameters` is the whole element, empty where there is none. */
export interface AlgorithmIdentifier {
  readonly id: string;
  readonly parameters: Buffer;
}

/** Reads an AlgorithmIdentifier from its fields; what follows the parameters is not looked at, as Go does not. */
export function readAlgorithmIdentifier(fields: DerReader): AlgorithmIdentifier {
  const id = readObjectIdentifier(fields, 'x509: malformed OID');
  if (fields.isEmpty()) return { id, parameters: Buffer.alloc(0) };
  return { id, parameters: fields.readAnyElement('x509: malformed parameters') };
}
