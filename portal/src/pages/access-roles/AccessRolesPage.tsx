import { Badge, Group, Modal, Text } from '@mantine/core';
import { useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import type { Item } from '../../api/types.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Card, CardList } from '../../page/CardList.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { EditAndRetire } from '../../parts/EditAndRetire.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { PreviewedDialog } from '../../parts/PreviewedDialog.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { AccessRoleForm } from './AccessRoleForm.tsx';

export type AccessRole = Item<'access-role.list'>;

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
      <Loaded
        query={query}
        notAllowed={t('accessRoles.notAllowed')}
        empty={{
          when: (page) => page.items.length === 0,
          title: t('accessRoles.none'),
          text: blocked === false ? t('accessRoles.noneText') : t('accessRoles.noneElsewhere'),
          action: null,
        }}
      >
        {(page) => (
          <CardList
            label={t('accessRoles.title')}
            next={
              page.next ? (
                <ButtonLink
                  to="/access-roles"
                  search={{ search, cursor: page.next }}
                  variant="default"
                  size="xs"
                >
                  {t('table.next')}
                </ButtonLink>
              ) : null
            }
          >
            {page.items.map((role) => (
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
                <Group gap={6}>
                  {role.contains.map((one) => (
                    <Badge key={one.entitlementId} variant="outline" color="gray" c="inherit" tt="none">
                      {t('handOut.roleIn', { role: one.name, application: one.applicationName })}
                    </Badge>
                  ))}
                </Group>
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
          editing === 'new' || !editing
            ? t('accessRoles.make')
            : t('accessRoles.editOf', { name: editing.name })
        }
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <AccessRoleForm role={editing === 'new' ? undefined : editing} onClose={close} />
      </Modal>
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
