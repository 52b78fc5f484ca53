import type * as registry from '../../../src/server/operations.gen.ts';

/** The API as the portal sees it: names, what is sent, what comes back. Types only, no server code. */
export type OperationName = registry.OperationName;
export type Input<Name extends OperationName> = registry.Input<Name>;
export type Output<Name extends OperationName> = registry.Output<Name>;

/** One row of a list operation. */
export type Item<Name extends OperationName> =
  Output<Name> extends { items: readonly (infer Row)[] } ? Row : never;
