import { operations } from '../server/operations.gen.ts';
import type { Caller } from './caller.ts';
import { CommandError } from './exit-codes.ts';

const id = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Listed = { items: { id: string; name: string }[] };

/** The id of an organization that a person wrote by id or by name, as far as the caller sees it. */
export async function organizationNamed(caller: Caller, given: string): Promise<string> {
  if (id.test(given)) return given;
  const { items } = (await caller.call(operations['organization.list'], {
    search: given,
    limit: 200,
  })) as Listed;
  const same = items.filter(({ name }) => name.toLowerCase() === given.toLowerCase());
  if (same.length === 1) return same[0]!.id;
  if (same.length === 0)
    throw new CommandError(
      'refused',
      `There is no organization called ${given} that ${caller.who} can see.`,
      'cli.unknown-organization',
    );
  throw new CommandError(
    'usage',
    `Several organizations are called ${given}; give an id: ${same.map((one) => one.id).join(', ')}.`,
    'cli.ambiguous-organization',
  );
}
