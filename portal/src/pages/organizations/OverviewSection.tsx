import { Group, Stack } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { number } from '../../i18n/dates.ts';
import { ActButton } from '../../parts/ActButton.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { FromDirectories } from '../sources/FromDirectories.tsx';
import { EditOrganizationForm } from './EditOrganizationForm.tsx';
import { JoinSection } from './JoinSection.tsx';
import { NoticeSection } from './NoticeSection.tsx';
import { OrganizationSwitches } from './OrganizationSwitches.tsx';
import type { Organization } from './organization.ts';
import { SaveTree } from './SaveTree.tsx';

export function OverviewSection({ organization }: { organization: Organization }): ReactNode {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  const may = organization.may;
  if (editing) return <EditOrganizationForm organization={organization} onClose={() => setEditing(false)} />;
  return (
    <Stack gap="lg">
      <Facts
        label={t('organization.details')}
        facts={[
          [t('organization.people'), number(organization.peopleCount)],
          [t('organization.belowCount'), number(organization.childCount)],
          ...(organization.managersCount === null
            ? []
            : [[t('organization.managersCount'), number(organization.managersCount)] as const]),
          ...(organization.openInvitations === null
            ? []
            : [[t('organization.openInvitations'), number(organization.openInvitations)] as const]),
          [t('organization.domains'), organization.domains.join(', ') || t('organization.anyDomain')],
          [t('organization.timeZone'), organization.timeZone],
        ]}
      />
      <FromDirectories organizationId={organization.id} />
      <Group>
        {may.includes('user.read') ? (
          <ButtonLink
            to="/people"
            search={{ organizationId: organization.id }}
            leftSection={<IconUsers size={16} aria-hidden />}
          >
            {t('organization.seePeople')}
          </ButtonLink>
        ) : null}
        {organization.openInvitations === null ? null : (
          <ButtonLink to="/invitations" search={{ organizationId: organization.id }} variant="default">
            {t('organization.seeInvitations')}
          </ButtonLink>
        )}
        {may.includes('audit.read') ? (
          <ButtonLink to="/trail" search={{ organizationId: organization.id }} variant="default">
            {t('organization.seeTrail')}
          </ButtonLink>
        ) : null}
        {may.includes('user.read') ? <SaveTree organization={organization} /> : null}
        <ActButton
          variant="default"
          blocked={may.includes('organization.update') ? false : t('organization.mayNotEdit')}
          why={{ permission: 'organization.update', organizationId: organization.id }}
          onClick={() => setEditing(true)}
        >
          {t('organization.edit')}
        </ActButton>
      </Group>
      <JoinSection organization={organization} />
      <NoticeSection organization={organization} />
      <OrganizationSwitches organization={organization} />
    </Stack>
  );
}
