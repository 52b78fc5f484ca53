import { Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { EmptyState } from '../../page/EmptyState.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import type { Organization } from './OrganizationPage.tsx';
import { StandingCard } from './StandingCard.tsx';
import { StandingForm } from './StandingForm.tsx';

/** What people of this organization may be given at all: its standing delegation. */
export function HandOutSection({ organization }: { organization: Organization }): ReactNode {
  const { t } = useTranslation();
  const [making, setMaking] = useState(false);
  const query = useRead('delegation.list', { organizationId: organization.id, delegate: 'organization' });
  const blocked = organization.off
    ? t('organization.isOff')
    : organization.may.includes('delegation.create')
      ? false
      : t('handOut.mayNot');
  return (
    <Stack>
      <Text c="dimmed" maw={720}>
        {t('handOut.lead', { organization: organization.name })}
      </Text>
      <Loaded query={query} notAllowed={t('managers.notAllowed')} empty="never">
        {(page) => {
          const own = page.items.filter(
            (one) => one.delegate.organizationId === organization.id && one.state !== 'ended',
          );
          if (own.length > 0)
            return own.map((standing) => (
              <StandingCard key={standing.id} standing={standing} organization={organization} />
            ));
          if (making) return <StandingForm organization={organization} onClose={() => setMaking(false)} />;
          return (
            <EmptyState
              title={t('handOut.none')}
              text={t('handOut.noneText')}
              action={
                <GiveButton blocked={blocked} onClick={() => setMaking(true)}>
                  {t('handOut.make')}
                </GiveButton>
              }
            />
          );
        }}
      </Loaded>
    </Stack>
  );
}
