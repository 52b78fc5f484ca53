import { run, type Services } from '../src/operation/pipeline.ts';
import { readConfig } from '../src/platform/config.ts';
import { type OperationName, operations } from '../src/server/operations.gen.ts';
import { credentialOf } from './check.ts';
import type { Manager } from './generate.ts';
import type { World } from './world.ts';

const servicesOf = ({ db, url }: World): Services => ({
  db,
  config: { ...readConfig({ REMIT_LOG_LEVEL: 'silent' }), databaseUrl: url },
  subscribers: [],
});

/** Runs an operation as this manager, through the whole pipeline. */
export async function act<N extends OperationName>(
  world: World,
  by: Manager,
  name: N,
  input: object,
): Promise<Record<string, unknown>> {
  const call = { credential: credentialOf(by), input, requestId: 'bench' };
  return (await run(servicesOf(world), operations[name], call)).output as Record<string, unknown>;
}
