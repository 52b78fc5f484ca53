import { Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { Section } from '../../page/Section.tsx';
import { Acts } from '../../parts/Acts.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { DelegationCard } from '../me/DelegationCard.tsx';
import type { Person } from './person.ts';

/** What this person may do for the organization, in words. */
export function PersonDelegations({ person }: { person: Person }): ReactNode {
  const { t } = useTranslation();
  const query = useRead(
    'delegation.list',
    { organizationId: person.organization.id, delegate: 'user', limit: 200 },
    { enabled: person.may.includes('delegation.read') },
  );
  if (!person.may.includes('delegation.read')) return null;
  return (
    <Section
      title={t('person.mayDo')}
      actions={
        <ButtonLink
          to="/people/$membershipId/delegations"
          params={{ membershipId: person.membershipId }}
          variant="default"
          size="xs"
        >
          {t('given.open')}
        </ButtonLink>
      }
    >
      <Loaded
        query={query}
        notAllowed={t('person.mayDoNotAllowed')}
        empty={{
          when: (page) => !page.items.some((one) => one.delegate.membershipId === person.membershipId),
          title: t('person.mayDoNothing'),
          text: t('person.mayDoNothingText', { name: person.user.displayName }),
          action: null,
        }}
      >
        {(page) => (
          <Stack>
            {page.items
              .filter((one) => one.delegate.membershipId === person.membershipId)
              .map((one) => (
                <DelegationCard key={one.id} delegation={one}>
                  <Acts words={one.permissionWords} />
                </DelegationCard>
              ))}
          </Stack>
        )}
      </Loaded>
    </Section>
  );
}
