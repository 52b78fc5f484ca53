import { Badge, Group, Modal, Paper, Stack, Text } from '@mantine/core';
import { useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import type { Item } from '../../api/types.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { ActButton, GiveButton, TakeButton } from '../../parts/ActButton.tsx';
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
  const make = (
    <GiveButton blocked={blocked} onClick={() => setEditing('new')}>
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
          <Stack component="ul" p={0} m={0} style={{ listStyle: 'none' }} aria-label={t('accessRoles.title')}>
            {page.items.map((role) => (
              <Paper component="li" withBorder p="md" key={role.id} aria-label={role.name}>
                <Group justify="space-between" align="flex-start">
                  <Stack gap={4} style={{ flex: 1, minWidth: 220 }}>
                    <Text fw={600}>{role.name}</Text>
                    <Text size="sm" c="dimmed">
                      {[t('accessRoles.standsIn', { organization: role.organizationName }), role.description]
                        .filter(Boolean)
                        .join(' · ')}
                    </Text>
                    <Group gap={6}>
                      {role.contains.map((one) => (
                        <Badge key={one.entitlementId} variant="outline" color="gray" c="inherit" tt="none">
                          {t('handOut.roleIn', { role: one.name, application: one.applicationName })}
                        </Badge>
                      ))}
                    </Group>
                  </Stack>
                  <Group gap="xs">
                    <ActButton
                      size="xs"
                      variant="default"
                      blocked={blocked}
                      aria-label={t('accessRoles.editOf', { name: role.name })}
                      onClick={() => setEditing(role)}
                    >
                      {t('do.edit')}
                    </ActButton>
                    <TakeButton
                      size="xs"
                      blocked={blocked}
                      aria-label={t('accessRoles.retireOf', { name: role.name })}
                      onClick={() => setRetiring(role)}
                    >
                      {t('accessRoles.retire')}
                    </TakeButton>
                  </Group>
                </Group>
              </Paper>
            ))}
            {page.next ? (
              <li>
                <ButtonLink
                  to="/access-roles"
                  search={{ search, cursor: page.next }}
                  variant="default"
                  size="xs"
                >
                  {t('table.next')}
                </ButtonLink>
              </li>
            ) : null}
          </Stack>
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
