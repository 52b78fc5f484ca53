import { Badge, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

type Role = { entitlementId: string; name: string; applicationName: string };

/** Roles of applications, one badge each. */
export function RoleBadges({ roles, children }: { roles: readonly Role[]; children?: ReactNode }): ReactNode {
  const { t } = useTranslation();
  return (
    <Group gap={6}>
      {roles.map(({ entitlementId, name, applicationName }) => (
        <Badge key={entitlementId} variant="outline" color="gray" c="inherit" tt="none">
          {t('handOut.roleIn', { role: name, application: applicationName })}
        </Badge>
      ))}
      {children}
    </Group>
  );
}
