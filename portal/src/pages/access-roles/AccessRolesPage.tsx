import { Text } from '@mantine/core';
import { useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Card } from '../../page/CardList.tsx';
import { Page } from '../../page/Page.tsx';
import { PagedCards } from '../../page/PagedCards.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { EditAndRetire } from '../../parts/EditAndRetire.tsx';
import { FormDialog } from '../../parts/FormDialog.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { PreviewedDialog } from '../../parts/PreviewedDialog.tsx';
import { RoleBadges } from '../../parts/RoleBadges.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { AccessRoleForm } from './AccessRoleForm.tsx';
import type { AccessRole } from './access-role.ts';

/** Bundles of roles across applications, given as one. */
export function AccessRolesPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage
      title={t('accessRoles.title')}
      needs={['application.read', 'access-role.configure']}
      notAllowed={t('accessRoles.notAllowed')}
    >
      <AccessRoles />
    </AllowedPage>
  );
}

function AccessRoles(): ReactNode {
  const { t } = useTranslation();
  const may = useMay();
  const { search, cursor } = useSearch({ from: '/shell/access-roles' });
  const query = useRead('access-role.list', { search, cursor }, { keepPrevious: true });
  const [editing, setEditing] = useState<AccessRole | 'new'>();
  const [retiring, setRetiring] = useState<AccessRole>();
  const blocked = may('access-role.configure') ? false : t('accessRoles.mayNot');
  const why = { permission: 'access-role.configure' } as const;
  const make = (
    <GiveButton blocked={blocked} why={why} onClick={() => setEditing('new')}>
      {t('accessRoles.make')}
    </GiveButton>
  );
  const close = (): void => setEditing(undefined);
  return (
    <Page title={t('accessRoles.title')} lead={t('accessRoles.lead')} actions={make}>
      <PagedCards
        query={query}
        label={t('accessRoles.title')}
        notAllowed={t('accessRoles.notAllowed')}
        none={{
          title: t('accessRoles.none'),
          text: blocked === false ? t('accessRoles.noneText') : t('accessRoles.noneElsewhere'),
        }}
        next={(next) => (
          <ButtonLink to="/access-roles" search={{ search, cursor: next }} variant="default" size="xs">
            {t('table.next')}
          </ButtonLink>
        )}
      >
        {(role) => (
          <Card
            key={role.id}
            name={role.name}
            facts={[t('accessRoles.standsIn', { organization: role.organizationName }), role.description]}
            acts={
              <EditAndRetire
                name={role.name}
                blocked={blocked}
                why={why}
                onEdit={() => setEditing(role)}
                onRetire={() => setRetiring(role)}
              />
            }
          >
            <RoleBadges roles={role.contains} />
          </Card>
        )}
      </PagedCards>
      <FormDialog
        opened={editing !== undefined}
        onClose={close}
        title={
          editing === 'new' || !editing
            ? t('accessRoles.make')
            : t('accessRoles.editOf', { name: editing.name })
        }
      >
        <AccessRoleForm role={editing === 'new' ? undefined : editing} onClose={close} />
      </FormDialog>
      {retiring ? (
        <PreviewedDialog
          opened
          onClose={() => setRetiring(undefined)}
          operation="access-role.retire"
          input={{ accessRoleId: retiring.id }}
          ifVersion={retiring.version}
          title={t('accessRoles.retireOf', { name: retiring.name })}
          text={<Text size="sm">{t('accessRoles.retireText')}</Text>}
          confirm={t('accessRoles.retire')}
          onDone={({ name }) => sayDone(t('accessRoles.retiredNow', { name }))}
        />
      ) : null}
    </Page>
  );
}
