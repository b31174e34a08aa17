import { expect, it } from 'vitest';
import { selfTest } from '../../src/cel/self-test.ts';

it('finds nothing that differs from kube-apiserver', () => {
  expect(selfTest()).toEqual([]);
});
