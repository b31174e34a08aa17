import { Buffer } from 'node:buffer';

/** What is wrong with a text; nothing where it is valid. The words are apimachinery's. */
export type Check = (text: string) => readonly string[];

/** A kind of name: its grammar, and how Kubernetes describes it. */
interface Grammar {
  readonly pattern: string;
  readonly words: string;
  readonly examples: readonly string[];
}

const LABEL_PATTERN = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

/** RFC 1123 §2.1, in lower case. */
const DNS_LABEL: Grammar = {
  pattern: LABEL_PATTERN,
  words:
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  examples: ['my-name', '123-abc'],
};

const DNS_SUBDOMAIN: Grammar = {
  pattern: `${LABEL_PATTERN}(\\.${LABEL_PATTERN})*`,
  words:
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  examples: ['example.com'],
};

/** RFC 1035 §2.3.1, in lower case. */
const DNS_1035_LABEL: Grammar = {
  pattern: '[a-z]([-a-z0-9]*[a-z0-9])?',
  words:
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  examples: ['my-name', 'abc-123'],
};

const LABEL_KEY_PATTERN = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

const LABEL_KEY: Grammar = {
  pattern: LABEL_KEY_PATTERN,
  words:
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  examples: ['MyName', 'my.name', '123-abc'],
};

const LABEL_VALUE: Grammar = {
  pattern: `(${LABEL_KEY_PATTERN})?`,
  words:
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  examples: ['MyValue', 'my_value', '12345'],
};

const MAX_LABEL = 63;
const MAX_SUBDOMAIN = 253;

function matcher({ pattern }: Grammar): RegExp {
  return new RegExp(`^${pattern}$`);
}

const MATCHERS: ReadonlyMap<Grammar, RegExp> = new Map(
  [DNS_LABEL, DNS_SUBDOMAIN, DNS_1035_LABEL, LABEL_KEY, LABEL_VALUE].map((grammar) => [
    grammar,
    matcher(grammar),
  ]),
);

function matches(grammar: Grammar, text: string): boolean {
  return MATCHERS.get(grammar)?.test(text) ?? false;
}

function describe({ words, examples, pattern }: Grammar): string {
  const listed = examples.map((example) => `'${example}', `).join(' or ');
  return `${words} (e.g. ${listed}regex used for validation is '${pattern}')`;
}

/** Kubernetes counts bytes whatever it calls them. */
function lengthProblem(text: string, most: number, unit: 'bytes' | 'characters'): string[] {
  return Buffer.byteLength(text) > most ? [`must be no more than ${most} ${unit}`] : [];
}

function grammarProblem(grammar: Grammar, text: string): string[] {
  return matches(grammar, text) ? [] : [describe(grammar)];
}

/** A label of RFC 1123: at most 63 bytes, no dots. */
export const checkDnsLabel: Check = (text) => {
  const isDotted = !matches(DNS_LABEL, text) && matches(DNS_SUBDOMAIN, text);
  const problem = isDotted ? ['must not contain dots'] : grammarProblem(DNS_LABEL, text);
  return [...lengthProblem(text, MAX_LABEL, 'characters'), ...problem];
};

/** Labels of RFC 1123 with dots between them: at most 253 bytes. */
export const checkDnsSubdomain: Check = (text) => [
  ...lengthProblem(text, MAX_SUBDOMAIN, 'characters'),
  ...grammarProblem(DNS_SUBDOMAIN, text),
];

/** A label of RFC 1035, which begins with a letter: at most 63 bytes. */
export const checkDns1035Label: Check = (text) => [
  ...lengthProblem(text, MAX_LABEL, 'characters'),
  ...grammarProblem(DNS_1035_LABEL, text),
];

/** The value of a Kubernetes label: at most 63 bytes, or none. */
export const checkLabelValue: Check = (text) => [
  ...lengthProblem(text, MAX_LABEL, 'bytes'),
  ...grammarProblem(LABEL_VALUE, text),
];

/** A label's key: a name, with a DNS subdomain and a slash before it or not. */
export const checkQualifiedName: Check = (text) => {
  const [first = '', second, ...rest] = text.split('/');
  if (rest.length > 0) {
    const suffix = " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
    return [`a valid label key ${describe(LABEL_KEY)}${suffix}`];
  }
  return second === undefined
    ? nameProblems(first)
    : [...prefixProblems(first).map((problem) => `prefix part ${problem}`), ...nameProblems(second)];
};

function prefixProblems(prefix: string): string[] {
  if (prefix === '') return ['must be non-empty'];
  return [...lengthProblem(prefix, MAX_SUBDOMAIN, 'bytes'), ...grammarProblem(DNS_SUBDOMAIN, prefix)];
}

function nameProblems(name: string): string[] {
  const length = name === '' ? ['must be non-empty'] : lengthProblem(name, MAX_LABEL, 'bytes');
  return [...length, ...grammarProblem(LABEL_KEY, name)].map((problem) => `name part ${problem}`);
}

/** The check for what a name may begin with: a dash at the end is allowed, since more will follow. */
export function forPrefix(check: Check): Check {
  // Kubernetes replaces the last two bytes, the dash and what is before it.
  return (text) => check(/[\0-\x7f]-$/.test(text) ? `${text.slice(0, -2)}a` : text);
}
