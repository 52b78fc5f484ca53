import { Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { day } from '../../i18n/dates.ts';
import type { Say } from '../../i18n/say.ts';
import type { PeopleSearch } from '../../routes/person-routes.ts';
import { valueWords } from '../rules/rule-words.ts';
import { noField, type OwnField } from './own-fields.ts';

/** One filter of the list of people: in words, and what the address is without it. */
export type InForce = { words: string; without: PeopleSearch };

export function filtersInForce(
  t: Say,
  search: PeopleSearch,
  field: OwnField | undefined,
  organizationName: string | undefined,
): InForce[] {
  const { q, status, organizationId, only } = search;
  return [
    ...(q ? [{ words: t('peopleFilter.searched', { q }), without: { q: undefined } }] : []),
    ...(status
      ? [
          {
            words: t('peopleFilter.pair', { name: t('people.state'), value: t(`people.states.${status}`) }),
            without: { status: undefined },
          },
        ]
      : []),
    ...(organizationId && only ? [{ words: t('people.only'), without: { only: undefined } }] : []),
    ...(organizationId
      ? [
          {
            words: organizationName ?? t('field.organization'),
            without: { organizationId: undefined, only: undefined },
          },
        ]
      : []),
    ...(field ? [{ words: fieldWords(t, field, search), without: noField }] : []),
  ];
}

/** "Depot: North", "Desk: from 7", or the field alone where anything in it counts. */
function fieldWords(t: Say, { label, kind }: OwnField, { is, has, from, to }: PeopleSearch): string {
  const pair = (value: string): string => t('peopleFilter.pair', { name: label, value });
  if (kind === 'number' || kind === 'date') {
    const shown = (bound: string): string => (kind === 'date' ? day(bound) : bound);
    const sides = [
      from ? t('peopleFilter.fromValue', { value: shown(from) }) : '',
      to ? t('peopleFilter.toValue', { value: shown(to) }) : '',
    ].filter(Boolean);
    return sides.length > 0 ? pair(sides.join(', ')) : label;
  }
  const value = kind === 'text' ? has : is;
  if (!value) return label;
  return pair(kind === 'boolean' ? valueWords(t, value === 'true') : value);
}

/** Nobody fits: each filter can be left out by itself, or all at once. */
export function Loosen({
  filters,
  onChange,
  onClear,
}: {
  filters: readonly InForce[];
  onChange: (part: PeopleSearch) => void;
  onClear: () => void;
}): ReactNode {
  const { t } = useTranslation();
  return (
    <Stack gap="xs" align="flex-start">
      {filters.length > 1 ? (
        <>
          <Text size="sm">{t('peopleFilter.loosen')}</Text>
          <Group gap="xs">
            {filters.map(({ words, without }) => (
              <Button
                key={words}
                variant="default"
                size="xs"
                h="auto"
                mih={30}
                // in its small box a capital letter would lose its accent
                styles={{ label: { whiteSpace: 'normal', overflowWrap: 'anywhere', lineHeight: 1.6 } }}
                onClick={() => onChange(without)}
              >
                {t('peopleFilter.without', { filter: words })}
              </Button>
            ))}
          </Group>
        </>
      ) : null}
      <Button variant="default" onClick={onClear}>
        {t('people.clearFilters')}
      </Button>
    </Stack>
  );
}
