import { Badge, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { day, moment } from '../../i18n/dates.ts';
import { Card, CardList } from '../../page/CardList.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { FormDialog } from '../../parts/FormDialog.tsx';
import { ButtonLink, TextLink } from '../../parts/links.tsx';
import type { Organization } from '../organizations/organization.ts';
import { NewFeed } from './NewFeed.tsx';

/** Directories that keep the people of this organization up to date by SCIM. */
export function FeedsSection({ organization }: { organization: Organization }): ReactNode {
  const { t } = useTranslation();
  const query = useRead('client.list', { organizationId: organization.id });
  const [making, setMaking] = useState(false);
  const canGive = (['user.read', 'membership.update'] as const).every((one) =>
    organization.may.includes(one),
  );
  const add = (
    <GiveButton
      blocked={organization.off ? t('organization.isOff') : canGive ? false : t('feeds.needs')}
      onClick={() => setMaking(true)}
    >
      {t('feeds.make')}
    </GiveButton>
  );
  return (
    <Stack>
      <Text c="dimmed" maw={720}>
        {t('feeds.lead')}
      </Text>
      <Loaded
        query={query}
        notAllowed={t('feeds.notAllowed')}
        empty={{
          when: (list) => !list.items.some(({ feed }) => feed),
          title: t('feeds.none'),
          text: t('feeds.noneText'),
          action: add,
        }}
      >
        {(list) => (
          <>
            <Group>{add}</Group>
            <CardList label={t('feeds.list')} gap="xs">
              {list.items
                .filter(({ feed }) => feed)
                .map(({ id, name, state, lastDay, lastUsedAt }) => (
                  <Card
                    key={id}
                    name={name}
                    title={
                      <TextLink to="/feeds/$clientId" params={{ clientId: id }} fw={600}>
                        {name}
                      </TextLink>
                    }
                    beside={
                      state === 'active' ? null : <Badge color="gray.7">{t(`keys.state.${state}`)}</Badge>
                    }
                    facts={[
                      lastUsedAt ? t('keys.used', { when: moment(lastUsedAt) }) : t('keys.unused'),
                      lastDay ? t('keys.until', { day: day(lastDay) }) : '',
                    ]}
                    acts={
                      <ButtonLink
                        to="/feeds/$clientId"
                        params={{ clientId: id }}
                        size="xs"
                        variant="default"
                        aria-label={`${t('feeds.open')} ${name}`}
                      >
                        {t('feeds.open')}
                      </ButtonLink>
                    }
                  />
                ))}
            </CardList>
          </>
        )}
      </Loaded>
      <FormDialog opened={making} onClose={() => setMaking(false)} title={t('feeds.make')}>
        <NewFeed organization={organization} onClose={() => setMaking(false)} />
      </FormDialog>
    </Stack>
  );
}
