import { Radio, Select, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Draft } from './draft.ts';
import { PermissionChoice } from './PermissionChoice.tsx';

type Props = {
  draft: Draft;
  /** roles of its own can be given there */
  organizationId: string | undefined;
  onChange: (change: Partial<Draft>) => void;
};

/** What it lets do: an admin role, or single acts in words. */
export function WhatFields({ draft, organizationId, onChange }: Props): ReactNode {
  const { t } = useTranslation();
  const roles = useRead('admin-role.list', { organizationId, limit: 200 }, { keepPrevious: true });
  const role = roles.data?.items.find(({ id }) => id === draft.adminRoleId);
  return (
    <Stack>
      <Radio.Group
        label={t('delegate.whatKind')}
        value={draft.permissions ? 'single' : 'role'}
        onChange={(way) =>
          onChange({
            permissions:
              way === 'role' ? undefined : ((role?.permissions ?? []) as NonNullable<Draft['permissions']>),
          })
        }
      >
        <Stack gap="xs" mt={4}>
          <Radio value="role" label={t('delegate.asRole')} />
          <Radio value="single" label={t('delegate.singleActs')} />
        </Stack>
      </Radio.Group>
      {draft.permissions ? (
        <PermissionChoice
          label={t('delegate.acts')}
          value={draft.permissions}
          onChange={(permissions) => onChange({ permissions })}
        />
      ) : (
        <Select
          label={t('appoint.role')}
          description={role?.description}
          data={(roles.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          value={draft.adminRoleId}
          allowDeselect={false}
          onChange={(id) => id && onChange({ adminRoleId: id })}
        />
      )}
    </Stack>
  );
}
