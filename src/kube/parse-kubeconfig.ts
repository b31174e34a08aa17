import { parseDocument } from 'yaml';

/** A kubeconfig's value, or why and where it has none. */
export type ParsedKubeconfig =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: string };

/**
 * Reads the text of a kubeconfig, YAML or JSON. Nothing of the text is quoted, in the error or on stderr: it holds keys and tokens, and
 * where a line is wrong nobody knows which.
 */
export function parseKubeconfig(text: string): ParsedKubeconfig {
  const document = parseDocument(text, { logLevel: 'error' });
  const [error] = document.errors;
  if (error !== undefined) {
    const [place] = error.linePos ?? [];
    const where = place === undefined ? '' : `line ${place.line}, column ${place.col}: `;
    return { ok: false, error: `${where}it is not YAML (${error.code})` };
  }
  try {
    return { ok: true, value: document.toJS() };
  } catch {
    return { ok: false, error: 'it is not YAML (an alias cannot be resolved)' };
  }
}
