import { Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { DelegationCard } from './DelegationCard.tsx';
import { InvitedManagers } from './InvitedManagers.tsx';
import type { Organization } from './organization.ts';
import { VacantSection } from './VacantSection.tsx';

/** Who looks after this organization: one sentence each, what can be done about it, and what leavers left behind. */
export function ManagersSection({
  organization,
  onAppoint,
}: {
  organization: Organization;
  onAppoint: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const query = useRead('delegation.list', {
    organizationId: organization.id,
    delegate: 'user',
    limit: 200,
  });
  return (
    <Stack gap="lg">
      <Loaded
        query={query}
        notAllowed={t('managers.notAllowed')}
        empty={{
          when: (page) => page.items.length === 0,
          title: t('managers.none'),
          text: t('managers.noneText'),
          action: organization.may.includes('delegation.create') ? (
            <GiveButton blocked={organization.off ? t('organization.isOff') : false} onClick={onAppoint}>
              {t('managers.appointFirst')}
            </GiveButton>
          ) : null,
        }}
      >
        {(page) => (
          <Stack
            component="ul"
            p={0}
            m={0}
            style={{ listStyle: 'none' }}
            aria-label={t('managers.list', { organization: organization.name })}
          >
            {page.items
              .filter((delegation) => !delegation.vacant)
              .map((delegation) => (
                <DelegationCard key={delegation.id} delegation={delegation} />
              ))}
          </Stack>
        )}
      </Loaded>
      <InvitedManagers organization={organization} />
      {organization.may.includes('delegation.create') ? <VacantSection organization={organization} /> : null}
    </Stack>
  );
}
