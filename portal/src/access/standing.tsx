import { Badge } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Item } from '../api/types.ts';
import { catalogue } from '../i18n/catalogue.ts';
import { day, moment } from '../i18n/dates.ts';

type Source = Pick<Item<'access.of'>, 'words' | 'lastDay' | 'from' | 'stop' | 'stoppedBy'>;

/** What is given waits ten seconds, so that it can be undone (and somewhat more, for the way here). */
const soonMs = 20_000;

const beginsSoon = (source: Source): boolean =>
  source.stoppedBy === 'not-begun' && source.from !== null && Date.parse(source.from) - Date.now() < soonMs;

/** Why somebody has an access: where it comes from, until when, what stops it. */
export const sentencesOf = (sources: readonly Source[]): string[] =>
  sources.flatMap((source) =>
    [
      source.words,
      source.lastDay ? catalogue.t('access.untilDay', { day: day(source.lastDay) }) : '',
      beginsSoon(source) ? '' : (source.stop ?? ''),
    ].filter(Boolean),
  );

/** For an access that is not in force. */
export function NotNow({ access }: { access: readonly Source[] }): ReactNode {
  const { t } = useTranslation();
  const later = access.find((source) => source.stoppedBy === 'not-begun');
  const soon = access.some(beginsSoon);
  return (
    <Badge
      color={soon ? 'teal' : 'orange'}
      variant="outline"
      tt="none"
      styles={{ label: { color: 'var(--mantine-color-text)' } }}
    >
      {soon
        ? t('access.beginsSoon')
        : later?.from
          ? t('access.begins', { when: moment(later.from) })
          : t('access.notNow')}
    </Badge>
  );
}

type Rows =
  | { items: readonly Source[] }
  | { applications: readonly { roles: readonly { sources: readonly Source[] }[] }[] };

/** How often to look again: while something is about to begin. */
export function soonBegins(rows: Rows | undefined): number | false {
  if (!rows) return false;
  const sources =
    'items' in rows
      ? rows.items
      : rows.applications.flatMap((application) => application.roles.flatMap((role) => role.sources));
  return sources.some(beginsSoon) ? 3000 : false;
}
