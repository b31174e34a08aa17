import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Instruction, parseDockerfile, type Stage } from './dockerfile.ts';

/*
 * Builds the image's file trees without a container engine: each stage in a directory of its own, where what COPY copies is copied and what
 * RUN runs is run, with absolute paths moved into that directory; stages that need nothing of each other at the same time, as BuildKit does.
 * Then runs the program of the last one. `npm run image`.
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
  const roots = new Map<string, Promise<string>>();
  for (const [index, stage] of stages.entries()) {
    const root = join(scratch, `stage-${index}`);
    for (const file of NPM) write(join(root, 'usr/local', file));
    const built = build(stage, root, new Map(roots));
    roots.set(stage.name ?? 'image', built);
  }
  await Promise.all(roots.values());
  inspect((await roots.get('image')) ?? '', stages.at(-1));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function build(
  stage: Stage,
  root: string,
  earlier: ReadonlyMap<string, Promise<string>>,
): Promise<string> {
  let directory = root;
  for (const { name, flags, rest } of stage.instructions) {
    if (name === 'WORKDIR') {
      directory = join(root, rest);
      mkdirSync(directory, { recursive: true });
    }
    if (name === 'COPY') copy(rest, directory, await contextOf(flags, earlier));
    if (name === 'RUN') await run(rest, directory, root);
  }
  return root;
}

/** What a COPY copies from: a stage, or the project. */
async function contextOf(
  flags: Instruction['flags'],
  earlier: ReadonlyMap<string, Promise<string>>,
): Promise<string> {
  const [from] = flags.flatMap((flag) => /^--from=(.*)$/.exec(flag)?.[1] ?? []);
  if (from === undefined) return PROJECT;
  const context = await earlier.get(from);
  if (context === undefined) throw new Error(`no stage ${from}`);
  return context;
}

function copy(rest: string, directory: string, context: string): void {
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

async function run(command: string, directory: string, root: string): Promise<void> {
  process.stdout.write(`RUN ${command}\n`);
  const moved = command.replaceAll(/(?<=^|\s)\/(?=\w)/g, `${root}/`);
  const { stderr } = await promisify(execFile)('sh', ['-ec', moved], { cwd: directory });
  process.stderr.write(stderr);
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
