import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { moment } from '../../i18n/dates.ts';
import { Card, CardList } from '../../page/CardList.tsx';
import { Section } from '../../page/Section.tsx';
import { TextLink } from '../../parts/links.tsx';
import type { Feed } from './health.ts';

const acts = [
  'scim-user.create',
  'scim-user.update',
  'scim-user.replace',
  'scim-user.end',
  'scim-user.read',
  'scim-user.list',
  'scim-user.search',
  'scim-group.create',
  'scim-group.update',
  'scim-group.replace',
  'scim-group.end',
  'scim-group.read',
  'scim-group.list',
  'scim-group.search',
  'scim.bulk',
] as const;

/** What the feed wanted and was told, so that somebody can mend it at either side. */
export function RefusedSection({ refusals }: { refusals: Feed['refusals'] }): ReactNode {
  const { t } = useTranslation();
  return (
    <Section title={t('feeds.refusals')}>
      <Text size="sm" c="dimmed">
        {refusals.length > 0 ? t('feeds.refusalsHint') : t('feeds.noRefusals')}
      </Text>
      {refusals.length > 0 ? (
        <CardList label={t('feeds.refusals')} gap="xs">
          {refusals.map(({ operation, status, text, person, times, lastAt, firstAt }) => (
            <Card
              key={`${operation} ${text} ${person?.membershipId ?? ''} ${firstAt}`}
              name={t(`feeds.act.${acts.find((one) => one === operation) ?? 'other'}`)}
              facts={[moment(lastAt), t('feeds.times', { count: times }), String(status)]}
            >
              <Text size="sm">{text}</Text>
              {person ? (
                <TextLink to="/people/$membershipId" params={{ membershipId: person.membershipId }} size="sm">
                  {t('feeds.about', { name: person.name })}
                </TextLink>
              ) : null}
            </Card>
          ))}
        </CardList>
      ) : null}
    </Section>
  );
}
