import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintScriptPki, type ScriptPki } from './script-pki.ts';
import { parseScript, runScript } from './script.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const SCRIPTS = readdirSync(HERE).filter((name) => name.endsWith('.txt'));

let pki: ScriptPki;
let directory: string;

beforeAll(async () => {
  pki = await mintScriptPki();
  directory = mkdtempSync(join(tmpdir(), 'scripts-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

// UPDATE_SCRIPTS=1 writes what the commands print into the scripts, to be read before it is committed.
describe('the commands print exactly what the scripts say', () => {
  it.each(SCRIPTS)('%s', { timeout: 60_000 }, async (name) => {
    const text = readFileSync(join(HERE, name), 'utf8');
    const own = mkdtempSync(join(directory, 'script-'));
    pki.write(own);
    const script = parseScript(text);
    expect(script.commands.length).toBeGreaterThan(0);
    const printed = await runScript(script, own, pki.placeholders);
    if (process.env['UPDATE_SCRIPTS'] === '1') writeFileSync(join(HERE, name), printed);
    else expect(printed).toBe(text);
  });
});
