import { Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { EmptyState } from '../../page/EmptyState.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import type { Organization } from './organization.ts';
import { StandingCard } from './StandingCard.tsx';
import { StandingForm } from './StandingForm.tsx';

/** What people of this organization may be given at all: its standing delegation. */
export function HandOutSection({ organization }: { organization: Organization }): ReactNode {
  const { t } = useTranslation();
  const [making, setMaking] = useState(false);
  const query = useRead('delegation.list', {
    organizationId: organization.id,
    delegate: 'organization',
    ended: true,
    limit: 200,
  });
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
          const all = page.items.filter((one) => one.delegate.organizationId === organization.id);
          const own = all.filter((one) => one.state !== 'ended');
          const ended = all.findLast((one) => one.state === 'ended');
          if (own.length > 0)
            return own.map((standing) => (
              <StandingCard key={standing.id} standing={standing} organization={organization} />
            ));
          if (making) return <StandingForm organization={organization} onClose={() => setMaking(false)} />;
          return (
            <EmptyState
              title={ended ? t('handOut.ended') : t('handOut.none')}
              text={
                ended
                  ? [ended.stop?.sentence, t('handOut.endedText')].filter(Boolean).join(' ')
                  : t('handOut.noneText')
              }
              action={
                <GiveButton
                  blocked={blocked}
                  why={
                    !organization.may.includes('delegation.create') && {
                      permission: 'delegation.create',
                      organizationId: organization.id,
                    }
                  }
                  onClick={() => setMaking(true)}
                >
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
