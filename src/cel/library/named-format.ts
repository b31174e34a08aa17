import { CelError, noSuchOverload } from '../error.ts';
import { type CelValue, OpaqueValue } from '../value.ts';
import { daysInMonth } from './civil-time.ts';
import {
  type Check,
  checkDns1035Label,
  checkDnsLabel,
  checkDnsSubdomain,
  checkLabelValue,
  checkQualifiedName,
  forPrefix,
} from './kubernetes-name.ts';
import { parseRequestUri } from './url-parser.ts';

/** A value of `kubernetes.NamedFormat`. */
export class NamedFormat extends OpaqueValue {
  readonly typeName = 'kubernetes.NamedFormat';
  readonly #name: string;
  /** What is wrong with a text; nothing where it is of this format. */
  readonly check: Check;
  /** The length of the regular expression that Kubernetes checks with, or supposes in its place. */
  readonly patternSize: number;

  constructor(name: string, check: Check, patternSize: number) {
    super();
    this.#name = name;
    this.check = check;
    this.patternSize = patternSize;
  }

  equals(other: CelValue): boolean | CelError {
    return other instanceof NamedFormat ? this.#name === other.#name : noSuchOverload();
  }

  toString(): string {
    return this.#name;
  }
}

const UUID = /^[\da-f]{8}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{12}$/i;
const BASE64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=|[A-Za-z\d+/]{4})$/;
const TIME = /^(\d{2}):(\d{2}):(\d{2})(?:.\d+)?(?:z|[+-]\d{2}:\d{2})$/u;

/** The length of the expression for a time of day, by which Kubernetes charges dates too. */
const TIME_SIZE = 71;

function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return false;
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

/** kube-openapi splits at every `t` and looks at the first two parts. */
function isDateTime(text: string): boolean {
  const [date = '', time = ''] = text.toLowerCase().split('t');
  const [, hour = '', minute = '', second = ''] = TIME.exec(time) ?? [];
  return isDate(date) && hour !== '' && hour <= '23' && minute <= '59' && second <= '59';
}

/** A check that can only say that something is wrong. */
function unless(isValid: (text: string) => boolean, problem: string): Check {
  return (text) => (isValid(text) ? [] : [problem]);
}

const checkUri: Check = (text) => {
  const url = parseRequestUri(text);
  return url instanceof CelError ? [url.message] : [];
};

/** Kubernetes' formats, by the name of the function that gives each. */
export const NAMED_FORMATS: ReadonlyMap<string, NamedFormat> = new Map([
  ['dns1123Label', new NamedFormat('DNS1123Label', checkDnsLabel, 30)],
  ['dns1123Subdomain', new NamedFormat('DNS1123Subdomain', checkDnsSubdomain, 60)],
  ['dns1035Label', new NamedFormat('DNS1035Label', checkDns1035Label, 30)],
  ['qualifiedName', new NamedFormat('QualifiedName', checkQualifiedName, 60)],
  ['dns1123LabelPrefix', new NamedFormat('DNS1123LabelPrefix', forPrefix(checkDnsLabel), 30)],
  ['dns1123SubdomainPrefix', new NamedFormat('DNS1123SubdomainPrefix', forPrefix(checkDnsSubdomain), 60)],
  ['dns1035LabelPrefix', new NamedFormat('DNS1035LabelPrefix', forPrefix(checkDns1035Label), 30)],
  ['labelValue', new NamedFormat('LabelValue', checkLabelValue, 40)],
  ['uri', new NamedFormat('URI', checkUri, 1103)],
  [
    'uuid',
    new NamedFormat(
      'uuid',
      unless((text) => UUID.test(text), 'does not match the UUID format'),
      70,
    ),
  ],
  [
    'byte',
    new NamedFormat(
      'byte',
      unless((text) => BASE64.test(text), 'invalid base64'),
      84,
    ),
  ],
  ['date', new NamedFormat('date', unless(isDate, 'invalid date'), TIME_SIZE)],
  ['datetime', new NamedFormat('datetime', unless(isDateTime, 'invalid datetime'), TIME_SIZE)],
]);
