import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NGINX } from './nginx.ts';
import { runFlow } from './flow.ts';
import { runNativeFlow } from './native-flow.ts';
import { findAssets } from './real-control-plane.ts';
import { startRecordedControlPlane } from './recorded-control-plane.ts';
import { startRecordedNativePlane } from './recorded-native-plane.ts';

describe('the whole way of a login', () => {
  it('works with a client that does what kube-apiserver was recorded to do', {
    timeout: 180_000,
  }, async () => {
    const told: string[] = [];
    await runFlow(startRecordedControlPlane, (line) => void told.push(line));
    const steps = told
      .slice(1)
      .filter((line) => NGINX.isInstalled || !line.startsWith('skipped: behind nginx'));
    expect(steps.filter((line) => !line.startsWith('ok: '))).toEqual([]);
    expect(steps.length).toBeGreaterThanOrEqual(8);
  });
});

describe('the end of a native certificate', () => {
  it('comes with a client that does what kube-apiserver was recorded to do', {
    timeout: 180_000,
  }, async () => {
    const told: string[] = [];
    await runNativeFlow(startRecordedNativePlane, (line) => void told.push(line));
    expect(told.filter((line) => line.startsWith('ok: '))).toHaveLength(6);
  });
});

describe('KUBEBUILDER_ASSETS', () => {
  it('unset is nothing, and a directory without the binaries is a mistake', () => {
    expect([findAssets(undefined), findAssets('')]).toEqual([undefined, undefined]);
    const directory = mkdtempSync(join(tmpdir(), 'assets-'));
    expect(() => findAssets(directory)).toThrow(`KUBEBUILDER_ASSETS: no etcd in ${directory}`);
    rmSync(directory, { recursive: true });
  });
});
