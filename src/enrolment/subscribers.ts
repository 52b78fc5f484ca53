import type { Subscriber } from '../operation/subscribers.ts';
import { performImport } from './import/run.ts';

/** Does what was asked for; a job that is tried again finds what stands. */
const performImports: Subscriber = {
  name: 'perform-imports',
  on: ['import.started'],
  run: async (event, services) => {
    if (event.targetId) await performImport(services, event.targetId);
  },
};

export const enrolmentSubscribers: readonly Subscriber[] = [performImports];
