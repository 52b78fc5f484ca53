import { sql } from 'kysely';
import { afterAll, beforeAll } from 'vitest';
import { newId } from '../../src/platform/ids.ts';
import { byHandConnector } from '../../src/provisioning/connectors/by-hand.ts';
import type { ByHand } from '../../src/provisioning/connectors/connector.ts';
import { byHandOf } from '../../src/provisioning/tasks/by-hand.ts';
import { makeWorld, type World } from '../harness/world.ts';
import { type Adapter, conforms } from './suite.ts';

/** People, tasks and the database are the real ones; whoever is asked does it at once, and says so. */
let world: World;
const settings = { who: 'people', people: '', dueDays: '2' };
const target = { id: newId(), organizationId: '', path: '', settings };

beforeAll(async () => {
  world = await makeWorld();
  const { owner, acmeHelpDesk } = world.people;
  const { acme } = world.organizations;
  settings.people = acmeHelpDesk.membershipId;
  Object.assign(target, { organizationId: acme.id, path: acme.path });
  await sql`insert into target (id, organization_id, name, connector, settings, state, saved_by, saved_in, saved_under)
    values (${target.id}, ${acme.id}, 'By hand', 'by-hand', ${JSON.stringify(settings)}::jsonb, 'active', ${owner.userId},
      ${owner.membershipId}, ${world.delegations.owner})`.execute(world.db);
});
afterAll(() => world?.close());

/** There is a row before anybody is asked, as sending makes it. */
const known = (correlation: string): Promise<unknown> =>
  sql`
  with one as (
    insert into app_user (id, home_organization_id, display_name)
    select ${newId()}, ${target.organizationId}, 'Somebody' where not exists (
      select 1 from account where target_id = ${target.id} and correlation = ${correlation}) returning id)
  insert into account (id, target_id, user_id, correlation) select ${newId()}, ${target.id}, id, ${correlation} from one
  on conflict do nothing`.execute(world.db);

const atOnce = (roles: readonly string[]): ByHand => {
  const people = byHandOf(world.services, target, roles);
  return {
    ...people,
    async ask(whole) {
      await known(whole.correlation);
      const first = await people.ask(whole);
      if (first.answer !== 'asked') return first;
      const { rows } = await sql<{ id: string }>`
        select k.id from hand_task k join account a on a.id = k.account_id
        where k.target_id = ${target.id} and a.correlation = ${whole.correlation} and k.state = 'open'`.execute(
        world.db,
      );
      for (const { id } of rows)
        await world.as('acmeHelpDesk', 'task.done', { taskId: id, accountName: whole.correlation });
      return await people.ask(whole);
    },
  };
};

conforms(
  'the by-hand connector',
  byHandConnector,
  (): Adapter => ({
    connector: byHandConnector,
    settings: { ...settings, people: settings.people || newId() },
    secrets: {},
    byHand: atOnce,
    person: (name) => ({ userName: name, displayName: `${name} Jansen`, title: 'Clerk' }),
    text: 'title',
    other: 'displayName',
    rename: (name) => ({ userName: name }),
    except: {
      'says which field is wrong where settings are missing, and never throws over them':
        'Each of its settings has something usual: with none said, who may operate the system is asked.',
    },
  }),
);
