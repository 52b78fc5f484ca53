import { type Kysely, sql } from 'kysely';
import type { Subscriber } from '../operation/subscribers.ts';
import type { DB } from '../platform/schema.gen.ts';
import { deliver } from './deliver.ts';
import { links } from './links.ts';
import type { Mailer } from './mail.ts';
import { usersToTell } from './store.ts';
import { untilIn, whenIn, wordsIn } from './words.ts';

type Deputy = {
  state: 'active' | 'ended';
  giverId: string;
  giver: string;
  deputyId: string;
  deputy: string;
  from: Date;
  until: Date;
};

/**
 * Both hear of it, the one who named somebody too: who can sign in as them for a minute could name a deputy for a
 * year, and they would find out here.
 */
export const mailDeputies = (mailer: Mailer): Subscriber => ({
  name: 'mail-deputies',
  on: ['deputy.named', 'deputy.ended'],
  run: async (event, { db, config: { url } }) => {
    const link = await readDeputy(db, event.targetId!);
    const named = event.type === 'deputy.named';
    if (!link || (link.state === 'active') !== named) return;
    const told = await usersToTell(db, [link.giverId, link.deputyId]);
    const letter = named ? 'deputy-named' : 'deputy-ended';
    const services = { db, mailer, subscriber: 'mail-deputies' };
    await deliver(services, event, letter, told, async ({ id, name, address, language, timeZone }) => {
      const t = wordsIn(language);
      const side = id === link.deputyId ? 'deputy' : 'giver';
      const names = { name, deputy: link.deputy, giver: link.giver };
      return {
        to: { name, address },
        subject: t(`${letter}.${side}-subject`, names),
        paragraphs: [t('greeting', names), t(`${letter}.${side}`, names)],
        facts: named
          ? [
              { label: t('fact.from'), value: whenIn(language, link.from, timeZone) },
              { label: t('fact.until'), value: untilIn(language, link.until, timeZone) },
            ]
          : [],
        button: { label: t(`${letter}.button`), url: links.deputies(url) },
        footer: t('footer.person', { url }),
      };
    });
  },
});

async function readDeputy(db: Kysely<DB>, delegationId: string): Promise<Deputy | undefined> {
  const { rows } = await sql<Deputy>`
    select d.state, d.giver_user_id as "giverId", g.display_name as giver, d.delegate_user_id as "deputyId",
      u.display_name as deputy, d.starts_at as from, d.ends_at as until
    from delegation d join app_user g on g.id = d.giver_user_id join app_user u on u.id = d.delegate_user_id
    where d.id = ${delegationId} and d.kind = 'approve'`.execute(db);
  return rows[0];
}
