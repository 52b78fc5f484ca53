import { Stack } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { GiveButton } from '../../parts/ActButton.tsx';
import { OrganizationTree } from '../../parts/OrganizationTree.tsx';
import { Counts } from './Counts.tsx';
import { NewOrganizationDialog } from './NewOrganizationDialog.tsx';
import type { Organization } from './organization.ts';

export function BelowSection({ organization }: { organization: Organization }): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [making, setMaking] = useState(false);
  const blocked = organization.off
    ? t('organization.isOff')
    : organization.may.includes('organization.create')
      ? false
      : t('organizations.mayNotMake');
  return (
    <Stack>
      <GiveButton blocked={blocked} onClick={() => setMaking(true)} style={{ alignSelf: 'flex-start' }}>
        {t('organizations.make')}
      </GiveButton>
      <OrganizationTree
        label={t('newOrganization.allBelow', { parent: organization.name })}
        parentId={organization.id}
        onOpen={({ id }) =>
          navigate({ to: '/organizations/$organizationId', params: { organizationId: id }, search: {} })
        }
        aside={(child) => <Counts organization={child} />}
        empty={{
          title: t('newOrganization.noneBelow'),
          text: t('newOrganization.noneBelowText'),
          action: null,
        }}
        notAllowed={t('organizations.notAllowed')}
      />
      <NewOrganizationDialog opened={making} onClose={() => setMaking(false)} parent={organization} />
    </Stack>
  );
}
