import type { Subscriber } from '../operation/subscribers.ts';
import { type RequestRow, readRequest } from '../requests/store.ts';
import { deliver } from './deliver.ts';
import type { Mailer } from './mail.ts';
import { mayBeUndone, readSettled, requestLetter, wasUndone } from './request-words.ts';
import { actorName, usersToTell } from './store.ts';
import { wordsIn } from './words.ts';

/** Letters to whoever asked, and to the person it is for. */

const concernedIn = (asked: RequestRow, but: string | null): string[] =>
  [...new Set([asked.requesterId, asked.userId])].filter((id): id is string => id !== null && id !== but);

/** Somebody asked something for another person: that person hears of it, also where it was given at once. */
export const mailOpened = (mailer: Mailer): Subscriber => ({
  name: 'mail-opened',
  on: ['request.created'],
  run: async (event, { db, config: { url } }) => {
    const asked = await readRequest(db, event.targetId!);
    if (!asked || asked.requesterId === asked.userId) return;
    const atOnce = asked.state === 'approved' && asked.decidedBy === null;
    if (asked.state !== 'open' && !atOnce) return;
    const told = await usersToTell(db, asked.userId ? [asked.userId] : []);
    const letter = atOnce ? 'request-given' : 'request-opened';
    const services = { db, mailer, subscriber: 'mail-opened' };
    await deliver(services, event, letter, told, async (reader) => requestLetter(url, asked, reader, letter));
  },
});

/** A yes or no, once it can no longer be undone: to whoever asked and whom it is for. */
export const mailDecisions = (mailer: Mailer): Subscriber => ({
  name: 'mail-decisions',
  on: ['request.approved', 'request.refused'],
  delaySeconds: 10,
  run: async (event, { db, config: { url } }) => {
    const asked = await readSettled(db, event.targetId!);
    if (asked?.state !== 'approved' && asked?.state !== 'refused') return;
    // Undone and decided anew: the later decision's own event comes round, in its time.
    if ((await mayBeUndone(db, asked.id)) || (await wasUndone(db, event))) return;
    const { state } = asked;
    const told = await usersToTell(db, concernedIn(asked, event.actorId));
    const by = (await actorName(db, event)) ?? asked.organizationName;
    const services = { db, mailer, subscriber: 'mail-decisions' };
    await deliver(services, event, 'request-decided', told, async (reader) => {
      const t = wordsIn(reader.language);
      return requestLetter(url, asked, reader, 'request-decided', {
        subject: `request-decided.${state}-subject`,
        text: `request-decided.${state}`,
        more: { by },
        quote: asked.decisionNote ? { from: t('quote.writes', { by }), text: asked.decisionNote } : undefined,
      });
    });
  },
});

/** Time ended it, or the organization it was for did: whoever asked hears how. */
export const mailLapses = (mailer: Mailer): Subscriber => ({
  name: 'mail-lapses',
  on: ['request.lapsed', 'request.ended'],
  run: async (event, { db, config: { url } }) => {
    const asked = await readRequest(db, event.targetId!);
    if (!asked || asked.state === 'open' || asked.state === 'withdrawn') return;
    const told = await usersToTell(db, concernedIn(asked, event.actorId));
    const services = { db, mailer, subscriber: 'mail-lapses' };
    await deliver(services, event, 'request-lapsed', told, async (reader) =>
      requestLetter(url, asked, reader, 'request-lapsed', {
        subject: `request-lapsed.${asked.state}-subject`,
        text: `request-lapsed.${asked.state}`,
      }),
    );
  },
});

/** Nobody decided in time, and others are asked now: whoever asked need not wonder. Nobody is named (ruling 9). */
export const mailDelays = (mailer: Mailer): Subscriber => ({
  name: 'mail-delays',
  on: ['request.escalated'],
  run: async (event, { db, config: { url } }) => {
    const asked = await readRequest(db, event.targetId!);
    if (asked?.state !== 'open') return;
    // Passing over levels that have nobody is no delay: it happened when something else did.
    if (event.operation !== 'request.wake') return;
    const told = await usersToTell(db, [asked.requesterId]);
    const services = { db, mailer, subscriber: 'mail-delays' };
    await deliver(services, event, 'request-late', told, async (reader) =>
      requestLetter(url, asked, reader, 'request-late'),
    );
  },
});
