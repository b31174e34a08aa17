import type { Registry } from 'prom-client';
import { createNativeMetrics } from '../server/native-metrics.ts';
import { nativePolicySource } from '../server/native-policy-source.ts';
import type { NativeService } from '../server/service.ts';
import type { OpenSource } from './open-callers.ts';

/** Opens a native policy, follows its files, and counts what becomes of it. */
export function openNative(file: string, open: OpenSource, registry: Registry): NativeService {
  const metrics = createNativeMetrics(registry);
  const opened = open(nativePolicySource(file), ({ policy }) => metrics.follow(policy));
  metrics.follow(opened.current.policy);
  return { judge: () => opened.current, metrics };
}
