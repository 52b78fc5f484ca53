import { Checkbox, Fieldset, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Loaded } from '../page/Loaded.tsx';
import { contentsOf, useGrantable } from './grantable.ts';

export type ChosenAccess = { entitlementIds: string[]; accessRoleIds: string[] };
export const noAccess: ChosenAccess = { entitlementIds: [], accessRoleIds: [] };

type Props = {
  label: string;
  organizationId: string;
  value: ChosenAccess;
  onChange: (chosen: ChosenAccess) => void;
  /** also access roles; not where one is being made */
  withAccessRoles?: boolean;
};

/** Access roles and roles by application, among those that the reader may give there. */
export function AccessChoice(props: Props): ReactNode {
  const { t } = useTranslation();
  const query = useGrantable(props.organizationId);
  const toggle = (field: keyof ChosenAccess, id: string, on: boolean): void =>
    props.onChange({
      ...props.value,
      [field]: on ? [...props.value[field], id] : props.value[field].filter((one) => one !== id),
    });
  const box = (field: keyof ChosenAccess, id: string, name: string, description: string): ReactNode => (
    <Checkbox
      key={id}
      label={name}
      description={description || undefined}
      checked={props.value[field].includes(id)}
      onChange={(event) => toggle(field, id, event.currentTarget.checked)}
    />
  );
  return (
    <Fieldset legend={props.label}>
      <Loaded
        query={query}
        notAllowed={t('accessChoice.notAllowed')}
        empty={{
          when: (found) => found.applications.length + found.accessRoles.length === 0,
          title: t('accessChoice.none'),
          text: t('accessChoice.noneText'),
          action: null,
        }}
      >
        {(grantable) => (
          <Stack>
            {props.withAccessRoles && grantable.accessRoles.length > 0 ? (
              <Stack gap="xs" role="group" aria-label={t('accessChoice.accessRoles')}>
                <Text size="sm" fw={600} aria-hidden>
                  {t('accessChoice.accessRoles')}
                </Text>
                {grantable.accessRoles.map((role) =>
                  box('accessRoleIds', role.accessRoleId, role.name, role.description || contentsOf(role)),
                )}
              </Stack>
            ) : null}
            {grantable.applications.map((application) => (
              <Stack key={application.id} gap="xs" role="group" aria-label={application.name}>
                <Text size="sm" fw={600} aria-hidden>
                  {application.name}
                </Text>
                {application.roles.map((role) =>
                  box('entitlementIds', role.entitlementId, role.name, role.description),
                )}
              </Stack>
            ))}
          </Stack>
        )}
      </Loaded>
    </Fieldset>
  );
}
