import type { Subscriber } from '../operation/subscribers.ts';
import { whoMayDecide } from '../requests/deciders.ts';
import { type RequestRow, readRequest } from '../requests/store.ts';
import { deliver } from './deliver.ts';
import { links } from './links.ts';
import type { Mailer } from './mail.ts';
import { actorName, directAccess, organizationName, sameCall, usersToTell } from './store.ts';
import { whenIn, wordsIn } from './words.ts';

/** An open end, as the driver reads it. */
const always = 8.64e15;

/**
 * Access that somebody gave to or took from a person by hand, after the ten seconds in which it can be undone. What
 * came with an invitation, a request or a file is told there; one click on many things is one letter.
 */
export const mailAccess = (mailer: Mailer): Subscriber => ({
  name: 'mail-access',
  on: ['assignment.given', 'assignment.ended'],
  delaySeconds: 10,
  when: ({ subjectId, after }) => Boolean(subjectId) && after?.why === 'direct',
  run: async (event, { db, config: { url } }) => {
    if (event.actorId === event.subjectId) return;
    const call = await sameCall(db, event);
    if (call[0]?.id !== event.id) return;
    const given = event.type === 'assignment.given';
    const letter = given ? 'access-given' : 'access-ended';
    const things = await directAccess(
      db,
      call.map(({ targetId }) => targetId),
      given ? 'active' : 'ended',
    );
    const organization = await organizationName(db, event.organizationId);
    if (things.length === 0 || !organization) return;
    const told = await usersToTell(db, [event.subjectId]);
    const by = (await actorName(db, event)) ?? organization.name;
    await deliver({ db, mailer }, event, letter, told, async ({ name, address, language }) => {
      const t = wordsIn(language);
      const names = { name, by, organization: organization.name };
      return {
        to: { name, address },
        subject: t(`${letter}.subject`, names),
        paragraphs: [t(`${letter}.greeting`, names), t(`${letter}.what`, names)],
        facts: [
          ...things.flatMap(({ access, endsAt }) => [
            { label: t('fact.access'), value: access },
            ...(given && endsAt.getTime() < always
              ? [{ label: t('fact.until'), value: whenIn(language, endsAt, organization.timeZone) }]
              : []),
          ]),
        ],
        button: { label: t(`${letter}.button`), url: links.access(url) },
        footer: t('footer.person', { url }),
      };
    });
  },
});

/** A request goes to the nearest level of those who may decide it now; levels further up see it in their list. */
export const mailRequests = (mailer: Mailer): Subscriber => ({
  name: 'mail-requests',
  on: ['request.created'],
  run: async (event, { db, config: { url } }) => {
    const asked = await readRequest(db, event.targetId!);
    if (asked?.state !== 'open') return;
    const able = await whoMayDecide(db, asked);
    const nearest = able.filter((one) => depthOf(one.because) === depthOf(able[0]!.because));
    const told = await usersToTell(
      db,
      nearest.slice(0, mostDeciders).map(({ userId }) => userId),
    );
    await deliver({ db, mailer }, event, 'request-waiting', told, async ({ name, address, language }) => {
      const t = wordsIn(language);
      const names = { name, ...namesIn(asked) };
      return {
        to: { name, address },
        subject: t('request-waiting.subject', names),
        paragraphs: [
          t('request-waiting.greeting', names),
          t(asked.requesterId === asked.userId ? 'request-waiting.own' : 'request-waiting.what', names),
        ],
        facts: asked.reason ? [{ label: t('fact.reason'), value: asked.reason }] : [],
        button: { label: t('request-waiting.button'), url: links.requests(url) },
        footer: t('footer.decider', { url }),
      };
    });
  },
});

/** More people than this at one level are not all written to; each of them sees it at home. */
const mostDeciders = 20;

const depthOf = (chain: { scope: { places?: { path: string }[] }[] }[]): number =>
  Math.max(
    0,
    ...chain[0]!.scope.flatMap((box) => (box.places ?? []).map(({ path }) => path.split('.').length)),
  );

const namesIn = (asked: RequestRow): Record<string, string> => ({
  subject: asked.displayName,
  requester: asked.requesterName,
  access: asked.applicationName ? `${asked.applicationName}: ${asked.name}` : asked.name,
  organization: asked.organizationName,
});

/** A yes or no, once it can no longer be undone: to whoever asked and whom it is for. */
export const mailDecisions = (mailer: Mailer): Subscriber => ({
  name: 'mail-decisions',
  on: ['request.approved', 'request.refused'],
  delaySeconds: 10,
  run: async (event, { db, config: { url } }) => {
    const asked = await readRequest(db, event.targetId!);
    if (asked?.state !== 'approved' && asked?.state !== 'refused') return;
    const { state } = asked;
    const ids = [...new Set([asked.requesterId, asked.userId])].filter((id) => id !== event.actorId);
    const told = await usersToTell(db, ids);
    const by = (await actorName(db, event)) ?? asked.organizationName;
    await deliver({ db, mailer }, event, 'request-decided', told, async ({ name, address, language }) => {
      const t = wordsIn(language);
      const names = { name, by, ...namesIn(asked) };
      return {
        to: { name, address },
        subject: t(`request-decided.${state}-subject`, names),
        paragraphs: [t('request-decided.greeting', names), t(`request-decided.${state}`, names)],
        facts: asked.decisionNote ? [{ label: t('fact.note'), value: asked.decisionNote }] : [],
        button: { label: t('request-decided.button'), url: links.access(url) },
        footer: t('footer.person', { url }),
      };
    });
  },
});
