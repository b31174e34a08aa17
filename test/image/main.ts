import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Instruction, parseDockerfile, type Stage } from './dockerfile.ts';

/*
 * Builds the image's file trees without a container engine: each stage in a directory of its own, where what COPY copies is copied and what
 * RUN runs is run, with absolute paths moved into that directory. Then runs the program of the last one. `npm run image`.
 */

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** What of Node's own image the last stage has to remove. */
const NPM = [
  'lib/node_modules/npm/package.json',
  'bin/npm',
  'bin/npx',
  'bin/corepack',
  'bin/yarn',
  'bin/yarnpkg',
];

const scratch = mkdtempSync(join(tmpdir(), 'image-'));
try {
  const { stages } = parseDockerfile(readFileSync(join(PROJECT, 'Dockerfile'), 'utf8'));
  const roots = new Map<string, string>();
  for (const [index, stage] of stages.entries()) {
    const root = join(scratch, `stage-${index}`);
    for (const file of NPM) write(join(root, 'usr/local', file));
    build(stage, root, roots);
    roots.set(stage.name ?? 'image', root);
  }
  inspect(roots.get('image') ?? '', stages.at(-1));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function build(stage: Stage, root: string, roots: ReadonlyMap<string, string>): void {
  let directory = root;
  for (const { name, flags, rest } of stage.instructions) {
    if (name === 'WORKDIR') {
      directory = join(root, rest);
      mkdirSync(directory, { recursive: true });
    }
    if (name === 'COPY') copy({ flags, rest }, directory, roots);
    if (name === 'RUN') run(rest, directory, root);
  }
}

function copy(
  { flags, rest }: Omit<Instruction, 'name'>,
  directory: string,
  roots: ReadonlyMap<string, string>,
): void {
  const [from] = flags.flatMap((flag) => /^--from=(.*)$/.exec(flag)?.[1] ?? []);
  const context = from === undefined ? PROJECT : roots.get(from);
  if (context === undefined) throw new Error(`no stage ${from}`);
  const paths = rest.split(/\s+/);
  const target = paths.pop() ?? '';
  for (const path of paths) {
    const isInto = target.endsWith('/');
    cpSync(join(context, path), resolve(directory, isInto ? join(target, path) : target), {
      recursive: true,
      verbatimSymlinks: true,
    });
  }
}

function run(command: string, directory: string, root: string): void {
  process.stdout.write(`RUN ${command}\n`);
  const moved = command.replaceAll(/(?<=^|\s)\/(?=\w)/g, `${root}/`);
  execFileSync('sh', ['-ec', moved], { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] });
}

function inspect(root: string, stage: Stage | undefined): void {
  const left = NPM.filter((file) => existsSync(join(root, 'usr/local', file)));
  if (left.length > 0) throw new Error(`left in the image: ${left.join(', ')}`);
  for (const tool of ['typescript', 'vitest', '@biomejs', 'oxlint'])
    if (existsSync(join(root, 'app/node_modules', tool))) throw new Error(`${tool} is in the image`);
  const entrypoint = stage?.instructions.find(({ name }) => name === 'ENTRYPOINT')?.rest ?? '[]';
  const [node = '', program = ''] = JSON.parse(entrypoint) as string[];
  const version = execFileSync(node, [join(root, program), 'version'], { encoding: 'utf8', cwd: '/' });
  process.stdout.write(version);
  const help = execFileSync(node, [join(root, program), 'serve', '--help'], { encoding: 'utf8', cwd: '/' });
  if (!help.includes('--audit-log-path')) throw new Error('serve --help says nothing');
}

function write(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
}
