import { Badge, Modal, Switch, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Card, CardList } from '../../page/CardList.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { Acts } from '../../parts/Acts.tsx';
import { EditAndRetire } from '../../parts/EditAndRetire.tsx';
import { PreviewedDialog } from '../../parts/PreviewedDialog.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { AdminRoleForm } from './AdminRoleForm.tsx';
import type { AdminRole } from './admin-role.ts';

export function AdminRolesPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage
      title={t('adminRoles.title')}
      needs={['delegation.read', 'admin-role.configure']}
      notAllowed={t('adminRoles.notAllowed')}
    >
      <AdminRoles />
    </AllowedPage>
  );
}

/** What managers can be appointed as: the built-in sets of acts, and an organization's own. */
function AdminRoles(): ReactNode {
  const { t } = useTranslation();
  const may = useMay();
  const [retired, setRetired] = useState(false);
  const query = useRead('admin-role.list', { limit: 200, retired }, { keepPrevious: true });
  const [editing, setEditing] = useState<AdminRole | 'new'>();
  const [retiring, setRetiring] = useState<AdminRole>();
  const blocked = may('admin-role.configure') ? false : t('adminRoles.mayNot');
  const close = (): void => setEditing(undefined);
  return (
    <Page
      title={t('adminRoles.title')}
      lead={t('adminRoles.lead')}
      actions={
        <GiveButton
          blocked={blocked}
          why={{ permission: 'admin-role.configure' }}
          onClick={() => setEditing('new')}
        >
          {t('adminRoles.make')}
        </GiveButton>
      }
    >
      <Switch
        label={t('adminRoles.showRetired')}
        checked={retired}
        onChange={(event) => setRetired(event.currentTarget.checked)}
      />
      <Loaded query={query} notAllowed={t('adminRoles.notAllowed')} empty="never">
        {(page) => (
          <CardList label={t('adminRoles.title')}>
            {page.items.map((role) => (
              <Card
                key={role.id}
                name={role.name}
                beside={
                  role.state === 'retired' ? <Badge color="gray.7">{t('adminRoles.retired')}</Badge> : null
                }
                facts={[
                  role.organizationName
                    ? t('accessRoles.standsIn', { organization: role.organizationName })
                    : t('adminRoles.builtIn'),
                  role.description,
                ]}
                acts={
                  role.organizationId && role.state === 'active' ? (
                    <EditAndRetire
                      name={role.name}
                      blocked={blocked}
                      why={{ permission: 'admin-role.configure', organizationId: role.organizationId }}
                      onEdit={() => setEditing(role)}
                      onRetire={() => setRetiring(role)}
                    />
                  ) : null
                }
              >
                <Acts words={role.permissionWords} />
              </Card>
            ))}
          </CardList>
        )}
      </Loaded>
      <Modal
        opened={editing !== undefined}
        onClose={close}
        size="lg"
        title={
          editing && editing !== 'new'
            ? t('adminRoles.editTitle', { name: editing.name })
            : t('adminRoles.make')
        }
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {editing ? <AdminRoleForm role={editing === 'new' ? undefined : editing} onClose={close} /> : null}
      </Modal>
      {retiring ? (
        <PreviewedDialog
          opened
          onClose={() => setRetiring(undefined)}
          operation="admin-role.retire"
          input={{ adminRoleId: retiring.id }}
          ifVersion={retiring.version}
          title={t('adminRoles.retireTitle', { name: retiring.name })}
          text={<Text size="sm">{t('adminRoles.retireText')}</Text>}
          confirm={t('accessRoles.retire')}
          onDone={({ name }) => sayDone(t('adminRoles.retiredNow', { name }))}
        />
      ) : null}
    </Page>
  );
}
