import { Group, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { TextLink } from '../../parts/links.tsx';
import { Counts } from './Counts.tsx';

/** What a search found, as a flat list: a tree of matches would hide most of them. */
export function OrganizationMatches({ search }: { search: string }): ReactNode {
  const { t } = useTranslation();
  const found = useRead('organization.list', { search, limit: 100 }, { keepPrevious: true });
  return (
    <Loaded
      query={found}
      notAllowed={t('organizations.notAllowed')}
      empty={{
        when: (page) => page.items.length === 0,
        title: t('organizations.noMatch'),
        text: t('organizations.noMatchText'),
        action: null,
      }}
    >
      {(page) => (
        <Stack
          component="ul"
          gap={4}
          p={0}
          m={0}
          style={{ listStyle: 'none' }}
          aria-label={t('organizations.found')}
        >
          {page.items.map((organization) => (
            <Group component="li" key={organization.id} justify="space-between" mih={36}>
              <TextLink
                to="/organizations/$organizationId"
                params={{ organizationId: organization.id }}
                search={{}}
              >
                {organization.name}
              </TextLink>
              <Counts organization={organization} />
            </Group>
          ))}
        </Stack>
      )}
    </Loaded>
  );
}
