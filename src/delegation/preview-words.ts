import type { Later } from '../authority/measure.ts';
import { say, sayCounted } from '../authority/say.ts';
import { firstDayAt, lastDayAt } from '../directory/by-day.ts';
import { spokenDay } from './days.ts';
import type { PowerShift } from './preview.ts';

/** What a preview says in sentences: who gains or loses what, and what gets other dates. */

/** "Ana Ruiz and 2 others: invite people, give access, in Acme and everything below it." */
export function powerSentence(shift: Omit<PowerShift, 'sentence'>): string {
  const name = shift.who[0]!.name;
  const others = shift.people - 1;
  const more = shift.permissionWords.length - 4;
  const places = [
    ...shift.places.map((place) => (place.below ? say('where.below', { place: place.name }) : place.name)),
    ...(shift.elsewhere ? [say('where.elsewhere')] : []),
  ];
  const except = shift.except.map((place) => place.name).join(', ');
  return say('preview.power', {
    who:
      others === 0
        ? name
        : others === 1
          ? say('preview.whoAndOne', { name })
          : say('preview.whoAndMore', { name, count: others }),
    acts:
      shift.permissionWords.slice(0, 4).join(', ') +
      (more > 0 ? say('preview.moreActs', { count: more }) : ''),
    access: shift.access.length > 0 ? ` (${shift.access.join(', ')})` : '',
    places: places.join(', '),
    except: except && say('preview.except', { places: except }),
    over: shift.over && say('preview.over', { whom: shift.over }),
    but: shift.but.length > 0 ? say('preview.but', { what: shift.but.join(', ') }) : '',
  });
}

/** @param timeZone in which its days are said */
export function laterSentence(
  name: string,
  { before, after }: Pick<Later, 'before' | 'after'>,
  timeZone: string,
): string {
  const said: string[] = [];
  const begins = after && (!before || before.from !== after.from);
  if (begins)
    said.push(
      say('preview.begins', {
        day: after.from ? spokenDay(firstDayAt(new Date(after.from), timeZone)!) : say('preview.noEnd'),
      }),
    );
  if (before && !after) said.push(say('preview.neverBegins'));
  if (before && after && before.until !== after.until)
    said.push(endsWords(before.until, after.until, timeZone));
  if (before && after && before.passOn !== after.passOn)
    said.push(after.passOn > 0 ? sayCounted('preview.passOn', after.passOn) : say('preview.passOnNever'));
  return say('preview.later', { name, what: said.join(say('and')) });
}

function endsWords(before: string | null, after: string | null, timeZone: string): string {
  const last = (at: string): string => spokenDay(lastDayAt(new Date(at), timeZone)!);
  if (!after) return say('preview.endsNever', { before: before ? last(before) : '' });
  return before
    ? say('preview.ends', { after: last(after), before: last(before) })
    : say('preview.endsNew', { after: last(after) });
}

export function sentenceOf(gaining: number, losing: number, later: number, outside: boolean): string {
  const parts = [
    ...(losing > 0 ? [sayCounted('preview.lose', losing)] : []),
    ...(gaining > 0 ? [sayCounted('preview.gain', gaining)] : []),
    ...(later > 0 ? [sayCounted('preview.dates', later)] : []),
  ];
  const main = parts.length > 0 ? `${parts.join('; ')}.` : say('preview.nothing');
  return outside ? `${main} ${say('preview.further')}` : main;
}
