import { Button, Fieldset, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { type ReactNode, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { keyFrom } from './key-from.ts';

export const riskClasses = ['low', 'normal', 'high'] as const;
export type RiskClass = (typeof riskClasses)[number];

export type NewRole = {
  /** for React only */
  row: number;
  name: string;
  /** undefined: made from the name */
  key: string | undefined;
  description: string;
  risk: RiskClass;
};

export const firstRole: NewRole = { row: 0, name: '', key: undefined, description: '', risk: 'normal' };

type Sent = { key: string; name: string; description?: string; risk: RiskClass };

export const toRoles = (roles: readonly NewRole[]): Sent[] =>
  roles
    .filter((role) => role.name.trim() !== '')
    .map((role) => ({
      key: role.key ?? keyFrom(role.name),
      name: role.name.trim(),
      risk: role.risk,
      ...(role.description.trim() ? { description: role.description.trim() } : {}),
    }));

/** The roles of an application: one row each; Enter in the last one adds another. */
export function RolesFields({
  roles,
  onChange,
}: {
  roles: readonly NewRole[];
  onChange: (roles: NewRole[]) => void;
}): ReactNode {
  const { t } = useTranslation();
  const next = useRef(1);
  const set = (row: number, change: Partial<NewRole>): void =>
    onChange(roles.map((role) => (role.row === row ? { ...role, ...change } : role)));
  const add = (): void => onChange([...roles, { ...firstRole, row: next.current++ }]);
  return (
    <Fieldset legend={t('applications.roles')}>
      <Stack>
        {roles.map((role, index) => {
          const number = index + 1;
          return (
            <Group
              key={role.row}
              align="flex-end"
              role="group"
              aria-label={t('applications.roleNumber', { number })}
            >
              <TextInput
                label={t('applications.roleName')}
                value={role.name}
                autoFocus={index > 0}
                maxLength={200}
                onChange={(event) => set(role.row, { name: event.currentTarget.value })}
                onKeyDown={(event) => {
                  if (event.key !== 'Enter' || index !== roles.length - 1 || role.name.trim() === '') return;
                  event.preventDefault();
                  add();
                }}
              />
              <TextInput
                label={t('applications.roleKey')}
                value={role.key ?? keyFrom(role.name)}
                maxLength={64}
                onChange={(event) => set(role.row, { key: event.currentTarget.value })}
              />
              <TextInput
                label={t('applications.roleDescription')}
                value={role.description}
                maxLength={2000}
                style={{ flex: 1, minWidth: 160 }}
                onChange={(event) => set(role.row, { description: event.currentTarget.value })}
              />
              <NativeSelect
                label={t('policy.riskLabel')}
                value={role.risk}
                onChange={(event) => set(role.row, { risk: event.currentTarget.value as RiskClass })}
                data={riskClasses.map((risk) => ({ value: risk, label: t(`policy.risk.${risk}`) }))}
              />
              {roles.length > 1 ? (
                <Button
                  variant="subtle"
                  color="gray"
                  c="inherit"
                  leftSection={<IconX size={16} aria-hidden />}
                  aria-label={t('applications.dropRole', { number })}
                  onClick={() => onChange(roles.filter(({ row }) => row !== role.row))}
                >
                  {t('do.remove')}
                </Button>
              ) : null}
            </Group>
          );
        })}
        <Text size="sm" c="dimmed">
          {t('policy.riskHint')}
        </Text>
        <Button
          variant="default"
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={add}
          style={{ alignSelf: 'flex-start' }}
        >
          {t('applications.anotherRole')}
        </Button>
      </Stack>
    </Fieldset>
  );
}
