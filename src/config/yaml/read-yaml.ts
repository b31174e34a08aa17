import type { ReadResult } from '../value-node.ts';
import { type Composed, ConversionFailure, compose } from './compose.ts';
import { Parser } from './parser.ts';
import { YamlFailure } from './yaml-failure.ts';

/**
 * Reads the first document of a YAML text as kube-apiserver does (sigs.k8s.io/yaml over go-yaml 2, which is libyaml's
 * YAML 1.1): the same texts are refused, in the same words, and the rest mean the same. A reader of YAML 1.2 would see
 * other values in some files than kube-apiserver does.
 */
export function readYaml(text: string): ReadResult {
  try {
    const parser = new Parser(text);
    const document = parser.parseDocument();
    const empty: Composed = { root: { kind: 'null', start: 0, end: 0 }, duplicates: [] };
    const { root, duplicates } = document === undefined ? empty : compose(document);
    const further = parser.findFurther();
    return { ok: true, root, duplicates, ...(further === undefined ? {} : { further }) };
  } catch (error) {
    if (!(error instanceof YamlFailure || error instanceof ConversionFailure)) throw error;
    const { message, start, end } = error;
    return { ok: false, error: { message, start, end } };
  }
}
