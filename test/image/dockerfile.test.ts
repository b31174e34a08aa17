import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { parseDockerfile } from './dockerfile.ts';
import { lintDockerfile } from './lint-dockerfile.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const TEXT = readFileSync(join(PROJECT, 'Dockerfile'), 'utf8');
const file = parseDockerfile(TEXT);

describe('the Dockerfile', () => {
  it('has nothing that the linters find', () => {
    expect(validate(TEXT)).toEqual([]);
    expect(lintDockerfile(file)).toEqual([]);
  });

  it('is of three stages on one image, Node.js 24', () => {
    expect(file.stages.map(({ base, name }) => [base, name])).toEqual([
      ['node:24-trixie-slim', 'dependencies'],
      ['node:24-trixie-slim', 'build'],
      ['node:24-trixie-slim', undefined],
    ]);
  });

  it('copies what there is, and nothing that .dockerignore keeps out', () => {
    const letIn = readFileSync(join(PROJECT, '.dockerignore'), 'utf8').match(/(?<=^!).*$/gm) ?? [];
    const copies = file.stages
      .flatMap(({ instructions }) => instructions)
      .filter(({ name, flags }) => name === 'COPY' && flags.length === 0)
      .flatMap(({ rest }) => rest.split(/\s+/).slice(0, -1));
    expect([...new Set(copies)].toSorted()).toEqual([...letIn].toSorted());
    expect(copies.filter((path) => !existsSync(join(PROJECT, path)))).toEqual([]);
  });
});

describe('the linters', () => {
  it.each([
    ['WORKDIR /app', 'WORKDIR app'],
    ['USER 65532', 'USRE 65532'],
    ['--from=build', '--form=build'],
  ])('find %s made %s', (good, bad) => {
    expect(TEXT).toContain(good);
    expect(validate(TEXT.replace(good, bad))).not.toEqual([]);
  });

  it.each([
    ['FROM ${NODE_IMAGE} AS build', 'FROM node AS build', 'FROM node: give a version'],
    ['USER 65532:65532', '', 'USER: not a number other than root'],
    ['USER 65532:65532', 'USER node', 'USER: not a number other than root'],
    ['--from=build', '--from=biuld', 'COPY --from=biuld: no such stage before it'],
    ['npm ci --omit=dev', 'npm install --omit=dev', 'RUN: npm ci takes what the lock file says'],
    [
      '--omit=dev --ignore-scripts',
      '--omit=dev',
      "RUN: npm ci without --ignore-scripts runs packages' scripts",
    ],
    ['ENV NODE_ENV=production', 'ENV NPM_TOKEN=x', 'ENV NPM_TOKEN=x: a secret?'],
    [
      'ENTRYPOINT ["node", "/app/dist/cli/main.js"]',
      'ENTRYPOINT node main.js',
      'ENTRYPOINT: use the JSON form',
    ],
    ['COPY schemas', 'ADD schemas', 'ADD: not used here'],
  ])('find %s made %s, and say so', (good, bad, fault) => {
    expect(TEXT).toContain(good);
    expect(lintDockerfile(parseDockerfile(TEXT.replace(good, bad)))).toContain(fault);
  });
});
