import type { Services } from '../../operation/pipeline.ts';
import { type Egress, openEgress } from '../../platform/egress.ts';
import { callSeconds } from '../rules.ts';
import type { Connectors } from './marker.ts';

/** What sending stands on. */
export type Sending = Services & {
  connectors: Connectors;
  /** of a target: its own, so that connections are kept between its batches and shared with no other */
  egressOf: (targetId: string) => Egress;
};

/** Longest answer that is read, in bytes: a page of a list. */
const largestAnswer = 16 * 1024 * 1024;

/** Connections of each target, opened when first needed. */
export function keptConnections({ config }: Pick<Services, 'config'>): {
  egressOf: (targetId: string) => Egress;
  close: () => void;
} {
  const kept = new Map<string, Egress>();
  return {
    egressOf(targetId) {
      const known = kept.get(targetId);
      if (known) return known;
      const limits = { milliseconds: callSeconds * 1000, bytes: largestAnswer };
      const made = openEgress(config.egress, { kept: 16, limits });
      kept.set(targetId, made);
      return made;
    },
    close() {
      for (const egress of kept.values()) egress.close();
      kept.clear();
    },
  };
}
