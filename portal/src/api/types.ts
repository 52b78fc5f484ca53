import type * as registry from '../../../src/server/operations.gen.ts';
import type { Expected } from './expected.ts';

/** The API as the portal sees it: names, what is sent, what comes back. Types only, no server code. */
export type OperationName = registry.OperationName | keyof Expected;
export type Input<Name extends OperationName> = Name extends registry.OperationName
  ? registry.Input<Name>
  : Name extends keyof Expected
    ? Expected[Name]['input']
    : never;
export type Output<Name extends OperationName> = Name extends registry.OperationName
  ? registry.Output<Name>
  : Name extends keyof Expected
    ? Expected[Name]['output']
    : never;

/** One row of a list operation. */
export type Item<Name extends OperationName> =
  Output<Name> extends { items: readonly (infer Row)[] } ? Row : never;
