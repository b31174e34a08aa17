import { lintNativePolicy, type NativeLintInputs } from '../../authenticator/advise/lint-native-policy.ts';
import { type LintInputs, lintText } from '../../authenticator/advise/lint-text.ts';
import { decodeText } from '../../config/decode-text.ts';
import { type Document, splitDocuments, textInPlace } from '../../config/documents.ts';
import type { Issue } from '../../config/issue.ts';
import { NATIVE_POLICY_KIND } from '../../config/native-certificate-policy.ts';
import type { LintInput } from './inputs.ts';
import type { LintedFile } from './report.ts';

const KIND = 'AuthenticationConfiguration';
const GROUP = 'apiserver.config.k8s.io/';

/** Kinds of the same group, which are somebody else's to lint (kubernetes/apiserver pkg/apis/apiserver). */
const OTHER_KINDS: ReadonlySet<string> = new Set([
  'AdmissionConfiguration',
  'AuthorizationConfiguration',
  'EgressSelectorConfiguration',
  'EncryptionConfiguration',
  'TracingConfiguration',
]);

/** Lints the configurations and policies of a file; undefined where there is none in it. */
export function lintFile(
  { file, bytes, how }: LintInput,
  inputs: LintInputs & NativeLintInputs,
): LintedFile | undefined {
  const decoded = decodeText(bytes);
  if (!decoded.ok) {
    if (how === 'found') return undefined;
    return {
      file,
      text: '',
      documents: 1,
      issues: [atStart('decode/encoding', decoded.error)],
      suppressed: [],
    };
  }
  const documents = documentsOf(decoded.text).filter(
    (document) => isNativePolicy(document) || isConfiguration(document, how),
  );
  if (documents.length === 0) return undefined;
  const results = documents.map((document) => {
    const lint = isNativePolicy(document) ? lintNativePolicy : lintText;
    return lint(textInPlace(document), inputs);
  });
  const further = documents.slice(1).map(({ linesBefore }) => furtherDocument(linesBefore + 1));
  return {
    file,
    text: decoded.text,
    documents: documents.length,
    issues: [...results.flatMap(({ issues }) => issues), ...further].sort((a, b) => a.line - b.line),
    suppressed: results.flatMap(({ suppressed }) => suppressed),
  };
}

/** Larger than any one configuration may be. */
const LARGE = 2 * 1024 * 1024;

/** The documents of a file. A large one that names none of the kinds is not looked into: it is somebody's data. */
function documentsOf(text: string): readonly Document[] {
  const isLookedInto =
    text.length <= LARGE || [KIND, GROUP, NATIVE_POLICY_KIND].some((name) => text.includes(name));
  return isLookedInto
    ? splitDocuments(text)
    : [{ text, linesBefore: 0, apiVersion: '', kind: '', isReadable: true }];
}

/** In whatever version: another one than ours is an error. */
function isNativePolicy({ kind }: Document): boolean {
  return kind === NATIVE_POLICY_KIND;
}

/** Whether a document is a configuration, or was meant as one. A file that was named and says nothing else is taken for one. */
function isConfiguration({ text, kind, apiVersion, isReadable }: Document, how: LintInput['how']): boolean {
  if (!isReadable)
    return how === 'named' ? !/^kind:/m.test(text) || text.includes(KIND) : text.includes(KIND);
  if (kind === KIND) return true;
  if (apiVersion.startsWith(GROUP)) return !OTHER_KINDS.has(kind);
  return how === 'named' && kind === '' && apiVersion === '';
}

/** Both kube-apiserver and `serve` read the first document of a file alone. */
function furtherDocument(line: number): Issue {
  const message = 'only the first document of a file is read; this one has no effect there';
  return {
    id: 'decode/further-document',
    path: '',
    severity: 'warning',
    message,
    line,
    column: 1,
    endLine: line,
    endColumn: 4,
  };
}

function atStart(id: string, message: string): Issue {
  return { id, path: '', severity: 'error', message, line: 1, column: 1, endLine: 1, endColumn: 1 };
}
