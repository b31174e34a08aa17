import type { ExaminedExpression } from '../../cel/analysis/examined-expression.ts';
import { callKey } from '../../cel/analysis/expression-keys.ts';
import { type Call, childrenOf, type Expr } from '../../cel/syntax/expr.ts';
import { toRemoteAddress } from '../remote-address.ts';
import { networkOfPrefix, networkOfText } from './address-network.ts';
import type { Advice, Finding } from './advice.ts';
import { type ExaminedRule, placeOf } from './subject.ts';

const REMOTE_ADDRESS = callKey('_._', ['request', '"remoteaddr"']);

/** Functions and operators that look at letters where the numbers behind them are meant. */
const TEXT_FUNCTIONS: ReadonlySet<string> = new Set([
  'startsWith',
  'endsWith',
  'contains',
  'matches',
  'find',
  'findAll',
  'split',
  'substring',
  'charAt',
  'indexOf',
  'lastIndexOf',
  'replace',
  'size',
  '_<_',
  '_<=_',
  '_>_',
  '_>=_',
]);

const REWRITINGS: ReadonlySet<string> = new Set(['string', 'ip', 'lowerAscii', 'upperAscii', 'trim']);

const COMPARISONS: ReadonlySet<string> = new Set(['_==_', '_!=_', '@in']);

/** An address that is compared letter by letter. */
export const addressAsText: Advice = {
  id: 'rule/address-as-text',
  severity: 'warning',
  title: 'an address is compared as text',
  explanation:
    'request.remoteaddr.startsWith("10.0.0.1") is true of 10.0.0.1, and of 10.0.0.100 as well; a text knows nothing of networks, and one IPv6 address can be written in many ways. Use cidr("10.0.0.0/24").containsIP(request.remoteaddr). An equality with the canonical text of one address is fine (10.0.0.1, 2001:db8::1; IPv4 addresses are never written as IPv6 here); one with any other text, such as a CIDR or an address with a port, is never true.',
  find: ({ rules }) => rules.filter(({ kind }) => kind === 'request').flatMap(findTexts),
};

function findTexts(rule: ExaminedRule): readonly Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<Expr>();
  const visit = (expr: Expr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    const problem = expr.kind === 'call' ? problemOf(rule, expr) : undefined;
    if (problem !== undefined) {
      const { examined, path } = rule;
      const message = `${path}.expression: ${examined.spans.textOf(expr)} ${problem}`;
      const place = placeOf(examined.text, examined.spans.spanOf(expr));
      findings.push({ path: `${path}.expression`, message, place });
    }
    for (const child of childrenOf(expr)) visit(child);
  };
  visit(rule.examined.root);
  return findings;
}

function problemOf({ examined }: ExaminedRule, expr: Call): string | undefined {
  const args = examined.argumentsOf(expr);
  if (!args.some((arg) => isAddress(examined, arg))) return undefined;
  const constants = args.map((arg) => examined.constantOf(arg));
  if (COMPARISONS.has(expr.name)) {
    const texts = constants.flat().filter((value) => typeof value === 'string');
    return texts.map(problemOfText).find((problem) => problem !== undefined);
  }
  if (!TEXT_FUNCTIONS.has(expr.name)) return undefined;
  const prefix = constants[1];
  const network =
    expr.name === 'startsWith' && typeof prefix === 'string' ? networkOfPrefix(prefix) : undefined;
  if (network === undefined)
    return 'compares an address as text: use cidr("…").containsIP(request.remoteaddr)';
  const also = network.stranger === undefined ? '' : `, and is true of ${network.stranger} as well`;
  return `compares an address as text${also}: write cidr("${network.cidr}").containsIP(request.remoteaddr)`;
}

/** The address, or the same written otherwise. */
function isAddress(examined: ExaminedExpression, expr: Expr): boolean {
  if (examined.keyOf(expr) === REMOTE_ADDRESS) return true;
  const [inner] = expr.kind === 'call' && REWRITINGS.has(expr.name) ? examined.argumentsOf(expr) : [];
  return inner !== undefined && isAddress(examined, inner);
}

/** What is wrong with a text that addresses are to be equal to. */
function problemOfText(text: string): string | undefined {
  if (toRemoteAddress(text) === text) return undefined;
  const network = networkOfText(text);
  const advice = network === undefined ? 'use cidr("…")' : `write cidr("${network}")`;
  return `compares with ${JSON.stringify(text)}, as no address is written: ${advice}.containsIP(request.remoteaddr)`;
}
