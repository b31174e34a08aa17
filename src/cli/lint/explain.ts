import type { FindingKind } from '../../authenticator/advise/advice.ts';
import { FINDING_KINDS } from '../../authenticator/advise/finding-kinds.ts';
import { findNearMatch } from '../../config/near-match.ts';
import { Failure } from '../failure.ts';

const WIDTH = 100;

/**
 * What a finding means, for a terminal.
 *
 * @throws Failure where there is no such finding.
 */
export function explain(id: string): string {
  const kind = FINDING_KINDS.get(id);
  if (kind !== undefined) return `${id} (${kind.severity}): ${kind.title}\n\n${wrap(kind.explanation)}\n`;
  const near = findNearMatch(id, [...FINDING_KINDS.keys()]);
  const hint =
    near === undefined ? `there are:\n  ${[...FINDING_KINDS.keys()].join('\n  ')}` : `did you mean ${near}?`;
  throw new Failure(`--explain: there is no finding ${JSON.stringify(id)}; ${hint}`);
}

/** Every finding there is, as docs/lint.md lists them. */
export function explainAll(): string {
  return [...FINDING_KINDS.values()].map(toMarkdown).join('\n');
}

function toMarkdown({ id, severity, title, explanation }: FindingKind): string {
  return `### \`${id}\`\n\n**${severity}**: ${title}.\n\n${explanation}\n`;
}

function wrap(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length >= WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}
