import { type Kysely, sql } from 'kysely';
import { holders } from '../authority/holders.ts';
import { invitationState } from '../enrolment/rules.ts';
import { type InvitationRow, invitationTarget, readInvitation } from '../enrolment/store.ts';
import { loadUnder } from '../enrolment/under.ts';
import type { Subscriber } from '../operation/subscribers.ts';
import { databaseNow } from '../platform/clock.ts';
import { makeLinkSecret } from '../platform/one-time-secrets.ts';
import type { DB } from '../platform/schema.gen.ts';
import { invitedStrangersLanguage } from '../requests/registration.ts';
import { deliver, type Recipient } from './deliver.ts';
import { links } from './links.ts';
import type { Mailer } from './mail.ts';
import { plainLetter } from './plain-letter.ts';
import { actorLanguage, actorName, organizationName, usersToTell } from './store.ts';
import { whenIn, wordsIn } from './words.ts';

/** An invitation goes to the address that it was made for, with a link made here and known nowhere else. */
export const mailInvitations = (mailer: Mailer): Subscriber => ({
  name: 'mail-invitations',
  on: ['invitation.created', 'invitation.resent'],
  delaySeconds: 10,
  run: async (event, { db, config: { url } }) => {
    const row = await stillOpen(db, event.targetId!);
    if (!row) return;
    const organization = (await organizationName(db, row.organizationId))!;
    // An API key or the operator may have sent it; then the organization itself speaks.
    const by = (await actorName(db, event)) ?? organization.name;
    const recipient: Recipient = {
      kind: 'invitation',
      id: row.id,
      name: row.displayName,
      address: row.email,
      // Who invites somebody speaks with them; of them we know a language only where they asked to join themselves.
      language: (await invitedStrangersLanguage(db, row)) ?? (await actorLanguage(db, event)),
      timeZone: organization.timeZone,
    };
    await deliver(
      { db, mailer, subscriber: 'mail-invitations' },
      event,
      'invitation',
      [recipient],
      async ({ language }, trx) => {
        const t = wordsIn(language);
        const seconds = Math.ceil((row.expiresAt.getTime() - (await databaseNow(trx)).getTime()) / 1000);
        if (seconds <= 0) return undefined;
        const secret = await makeLinkSecret(db, 'invitation', row.id, seconds);
        await sql`update invitation set sent_at = remit_now() where id = ${row.id}`.execute(trx);
        const names = { by, organization: organization.name, name: row.displayName };
        return {
          to: { name: row.displayName, address: row.email },
          subject: t('invitation.subject', names),
          paragraphs: [
            row.displayName ? t('greeting', names) : t('invitation.stranger'),
            t('invitation.what', names),
            ...(row.delegation ? [t('invitation.manager')] : []),
            ...(row.membershipId ? [t('invitation.member', names)] : []),
            t('invitation.how'),
          ],
          quote: row.message ? { from: t('quote.writes', names), text: row.message } : undefined,
          facts: [
            { label: t('fact.organization'), value: organization.name },
            { label: t('fact.by'), value: by },
            { label: t('fact.works-until'), value: whenIn(language, row.expiresAt, organization.timeZone) },
          ],
          button: { label: t('invitation.button'), url: links.invitation(url, secret) },
          footer: t('footer.invitation', { by, url }),
        };
      },
    );
  },
});

/** Somebody came too late: whoever invited them hears of it, or who may invite there now. */
export const mailRenewals = (mailer: Mailer): Subscriber => ({
  name: 'mail-renewals',
  on: ['invitation.renewal-asked'],
  run: async (event, { db, config: { url } }) => {
    const row = await readInvitation(db, event.targetId!);
    const target = await invitationTarget(db, event.targetId!);
    if (!row || !target || row.state !== 'open') return;
    const organization = (await organizationName(db, row.organizationId))!;
    const able = await holders(db, 'user.invite', target);
    const inviter = able.find(({ userId }) => userId === row.invitedBy);
    const told = await usersToTell(
      db,
      inviter ? [inviter.userId] : able.slice(0, 5).map(({ userId }) => userId),
    );
    const services = { db, mailer, subscriber: 'mail-renewals' };
    await deliver(services, event, 'renewal-asked', told, async (reader) =>
      plainLetter(url, 'renewal-asked', reader, {
        names: { email: row.email, organization: organization.name },
        page: links.invitations(url),
        footer: 'footer.decider',
      }),
    );
  },
});

/** The invitation, unless it was taken back, accepted or died while the mail waited. */
async function stillOpen(db: Kysely<DB>, invitationId: string): Promise<InvitationRow | undefined> {
  const row = await readInvitation(db, invitationId);
  const target = await invitationTarget(db, invitationId);
  if (!row || !target || target.off) return undefined;
  const under = (await loadUnder(db, [row]))(row);
  return invitationState({ ...row, under }, target, await databaseNow(db)) === 'open' ? row : undefined;
}
