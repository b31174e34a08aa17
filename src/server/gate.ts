import { Budget } from './budget.ts';
import type { CallerCheck } from './caller.ts';
import { addGauge, type Metrics } from './metrics.ts';
import type { ServerLimits } from './server-limits.ts';

/** What a request passes before its token is looked at: who calls, and whether there is room. */
export interface Gate {
  /** Absent: whoever reaches the port may call. */
  readonly callers?: CallerCheck;
  /** Requests being read or answered. */
  readonly places: Budget;
  /** Bytes of the bodies being read, beyond what every request may have. */
  readonly bodies: Budget;
  readonly metrics: Metrics;
  /** Whether connections are to end after the answer under way. */
  readonly isClosing: () => boolean;
}

/** A gate with the budgets that limits name. */
export function createGate(
  limits: ServerLimits,
  parts: Pick<Gate, 'metrics' | 'isClosing'> & { readonly callers?: CallerCheck | undefined },
): Gate {
  const { metrics, isClosing, callers } = parts;
  const places = new Budget(limits.inFlight);
  const bodies = new Budget(limits.bufferedBytes);
  addGauge(metrics.registry, {
    name: 'requests_inflight',
    help: 'Requests to /authenticate being read or answered.',
    value: () => places.used,
  });
  addGauge(metrics.registry, {
    name: 'buffered_bytes',
    help: 'Bytes of large request bodies being read.',
    value: () => bodies.used,
  });
  return { places, bodies, metrics, isClosing, ...(callers !== undefined && { callers }) };
}
