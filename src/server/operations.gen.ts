// Generated from src/*/operations by `npm run generate`; a test holds them together.
import type { z } from 'zod';
import type { AnyOperation } from '../operation/operation.ts';

/** Every operation, by its name. */
export const operations = {
} as const;

export type OperationName = keyof typeof operations;
/** What a caller sends. */
export type Input<N extends OperationName> = z.input<(typeof operations)[N]['input']>;
/** What a caller gets, as JSON: instants are texts. */
export type Output<N extends OperationName> = z.output<(typeof operations)[N]['output']>;
export const operationNames = Object.keys(operations) as OperationName[];
export const operationList: readonly AnyOperation[] = Object.values(operations);
