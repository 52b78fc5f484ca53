import type { Permit } from '../authority/decide.ts';
import type { Target } from '../authority/delegation.ts';
import type { Context } from './operation.ts';

/**
 * The same call, for one act that was permitted apart: an operation that does several acts to several things hands each
 * of them to the function that does it for every caller. The version that the client sent is of the whole, not of its parts.
 */
export const permittedTo = (context: Context, target: Target, permit: Permit): Context =>
  Object.create(context, {
    target: { value: target },
    permit: { value: permit },
    ifMatch: { value: undefined },
    checkVersion: { value: () => {} },
    record: {
      value: (change: Parameters<Context['record']>[0]) =>
        context.record({ because: permit.because, ...change }),
    },
  }) as Context;
