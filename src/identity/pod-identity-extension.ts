import { isUtf8 } from 'node:buffer';
import { contextTag, DerReader, MalformedError, Tag } from '../x509/der.ts';
import { encodeElement } from '../x509/der-element.ts';

/** The extension in which a certificate says which pod it is for, under Kubernetes' enterprise number (KEP-4317, first version). */
export const POD_IDENTITY = '1.3.6.1.4.1.57683.1';

/** The extension's eight strings, in their order: each an UTF8String with the context-specific tag of its index, implicit. */
const FIELDS = [
  'namespace',
  'namespaceUID',
  'serviceAccountName',
  'serviceAccountUID',
  'podName',
  'podUID',
  'nodeName',
  'nodeUID',
] as const;

/** What the extension says, as it says it. */
export type PodIdentity = Readonly<Record<(typeof FIELDS)[number], string>>;

/** Parses the extension; undefined where it is not exactly eight UTF8Strings in DER, all of them and nothing else. */
export function parsePodIdentity(value: Buffer): PodIdentity | undefined {
  try {
    return readPodIdentity(value);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

/** The extension's DER; parsing it gives the same again. */
export function formatPodIdentity(identity: PodIdentity): Buffer {
  const fields = FIELDS.map((field, index) => encodeElement(contextTag(index), Buffer.from(identity[field])));
  return encodeElement(Tag.sequence, ...fields);
}

function readPodIdentity(value: Buffer): PodIdentity {
  const failure = 'PodIdentity is malformed';
  const outer = new DerReader(value);
  const sequence = outer.read(Tag.sequence, failure);
  const entries = FIELDS.map((field, index): readonly [string, string] => {
    const contents = sequence.readContents(contextTag(index), failure);
    if (!isUtf8(contents)) throw new MalformedError(failure);
    return [field, contents.toString('utf8')];
  });
  if (!sequence.isEmpty() || !outer.isEmpty()) throw new MalformedError(failure);
  return Object.fromEntries(entries) as PodIdentity;
}
