import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './program.ts';

/**
 * A text script: comments (`#`), commands (`$ dry-run …`, perhaps with `< file`), what each prints (stderr behind `! `), its exit code
 * (`[exit 0]`), and the files that they read (`-- name --`).
 */
export interface Script {
  readonly intro: readonly string[];
  readonly commands: readonly string[];
  readonly files: ReadonlyMap<string, string>;
}

export function parseScript(text: string): Script {
  const [head = '', ...sections] = text.split(/^(?=-- .+ --$)/m);
  const lines = head.split('\n');
  const files = sections.map((section): [string, string] => {
    const end = section.indexOf('\n');
    return [section.slice(3, end - 3), section.slice(end + 1)];
  });
  return {
    intro: lines.filter((line) => line.startsWith('# ')),
    commands: lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2)),
    files: new Map(files),
  };
}

/** What is different from run to run is written as a placeholder, and in the script's files put in for it. */
export interface Placeholders {
  fill(text: string): string;
  hide(text: string): string;
}

/** Runs a script's commands in a directory, and writes the script again as it should be. */
export async function runScript(
  { intro, commands, files }: Script,
  directory: string,
  placeholders: Placeholders,
): Promise<string> {
  for (const [name, text] of files) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), placeholders.fill(text));
  }
  const parts: string[] = [...intro];
  for (const command of commands) {
    const [line = '', stdin] = command.split(' < ');
    const input = stdin === undefined ? '' : placeholders.fill(files.get(stdin) ?? '');
    const { code, stdout, stderr } = await run(toArguments(line), { cwd: directory, input });
    const complaints = stderr.split('\n').filter((line) => line !== '');
    parts.push(
      '',
      `$ ${command}`,
      ...stdout
        .replace(/\n$/, '')
        .split('\n')
        .filter((line, _, all) => all.length > 1 || line !== ''),
    );
    parts.push(...complaints.map((line) => `! ${line}`), `[exit ${code}]`);
  }
  const text = placeholders.hide(parts.join('\n'));
  const sections = [...files].map(([name, content]) => `-- ${name} --\n${content}`);
  return `${text}\n\n${sections.join('')}`;
}

/** Words, of which those in single quotes may hold spaces. */
function toArguments(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}
