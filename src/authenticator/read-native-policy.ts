import { decodeText } from '../config/decode-text.ts';
import type { Issue } from '../config/issue.ts';
import { loadNativePolicy } from '../config/native-certificate-policy.ts';
import { type CompiledNativePolicy, compileNativePolicy } from './compile-native-policy.ts';
import type { InventorySource } from './read-inventory.ts';

/** The compiled policy of a file's bytes with what it names, or every error there is. */
export function readNativePolicy(bytes: Uint8Array, source: InventorySource): CompiledNativePolicy {
  const decoded = decodeText(bytes);
  if (!decoded.ok) return { kind: 'invalid', issues: [toIssue(decoded.error)] };
  const loaded = loadNativePolicy(decoded.text);
  if (loaded.kind === 'invalid') return loaded;
  const compiled = compileNativePolicy(loaded.policy, source);
  if (compiled.kind === 'invalid') return compiled;
  return { ...compiled, warnings: [...loaded.warnings, ...compiled.warnings] };
}

/** Bytes that are no text have no places. */
function toIssue(message: string): Issue {
  return {
    id: 'decode/syntax',
    path: '',
    severity: 'error',
    message,
    line: 1,
    column: 1,
    endLine: 1,
    endColumn: 1,
  };
}
