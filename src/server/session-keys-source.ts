import { readSessionKey, type SessionKey, type SessionKeys } from '../credential/session-key.ts';
import type { FileSource } from './file-source.ts';

/** `--session-signing-key-file`: the first signs, all verify. */
export function sessionKeysSource(files: readonly string[]): FileSource<SessionKeys> {
  return {
    name: 'session-signing-keys',
    firstFileStandsIn: 'never',
    load(read) {
      const keys: SessionKey[] = [];
      for (const file of files) {
        const result = readSessionKey(read(file));
        if (!result.ok) return { kind: 'invalid', problem: `${file}: ${result.error}` };
        keys.push(result.key);
      }
      const [signing, ...others] = keys;
      if (signing === undefined) return { kind: 'invalid', problem: 'no session signing key is named' };
      return { kind: 'loaded', value: [signing, ...others], warnings: [] };
    },
  };
}
