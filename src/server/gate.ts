import { Budget } from './budget.ts';
import type { CallerCheck } from './caller.ts';
import { KnownHolders } from './known-holders.ts';
import { addGauge, type Metrics } from './metrics.ts';
import type { ServerLimits } from './server-limits.ts';
import { StrangerLane } from './stranger-lane.ts';

/** What a request passes before its token is looked at: who calls, and whether there is room. */
export interface Gate {
  /** Absent: whoever reaches the port may call. */
  readonly callers?: CallerCheck;
  /** Requests being read or answered. */
  readonly places: Budget;
  /** Bytes of the bodies being read, beyond what every request may have. */
  readonly bodies: Budget;
  /** Whose tokens were accepted lately. */
  readonly holders: KnownHolders;
  /** Where tokens of holders that are not known wait for each other. */
  readonly strangers: StrangerLane;
  readonly metrics: Metrics;
  /** Whether connections are to end after the answer under way. */
  readonly isClosing: () => boolean;
}

/** A gate with the budgets that limits name. */
export function createGate(
  limits: ServerLimits,
  parts: Pick<Gate, 'metrics' | 'isClosing'> & {
    readonly callers?: CallerCheck | undefined;
    /** Milliseconds of a clock that never steps. */
    readonly ticks: () => number;
  },
): Gate {
  const { metrics, isClosing, callers } = parts;
  const places = new Budget(limits.inFlight);
  const bodies = new Budget(limits.bufferedBytes);
  // Strangers must leave room for those who are known.
  const strangers = new StrangerLane(Math.ceil(limits.inFlight / 2), parts.ticks);
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
  return {
    places,
    bodies,
    holders: new KnownHolders(),
    strangers,
    metrics,
    isClosing,
    ...(callers !== undefined && { callers }),
  };
}
