import type { AnyOperation } from '../operation/operation.ts';
import { operationList } from '../server/operations.gen.ts';
import { CommandError } from './exit-codes.ts';

export function namedOperation(name: string): AnyOperation {
  const found = operationList.find((declared) => declared.name === name);
  if (!found) throw new CommandError('fault', `There is no operation ${name} in this version.`);
  return found;
}
