import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { generateKey } from '../x509/signing-key.ts';
import { writeAtomically } from './write-atomically.ts';

/**
 * The session signing key in a directory: `session.key`, made where it is not there yet. It outlives a restart, and no other
 * replica has it.
 *
 * @throws the file system's errors.
 */
export async function ensureSessionKey(directory: string): Promise<string> {
  const path = join(directory, 'session.key');
  if (existsSync(path)) return path;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { privateKey } = await generateKey('P-256');
  writeAtomically(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600);
  return path;
}
