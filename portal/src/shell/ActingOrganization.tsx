import { Button, Menu, Text } from '@mantine/core';
import { IconBuilding, IconCheck, IconChevronDown } from '@tabler/icons-react';
import { useRouter } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api/client.ts';
import { renewSession, useSession } from '../api/session.ts';
import { sayProblem } from '../parts/undo-toast.tsx';

/** In whose name one acts: always to be seen, and changed here by those who belong to several. */
export function ActingOrganization(): ReactNode {
  const { t } = useTranslation();
  const router = useRouter();
  const { membership, memberships } = useSession();
  if (!memberships.some((one) => one.id !== membership.id)) {
    return (
      <Text size="sm" c="dimmed" truncate title={membership.organizationName}>
        {membership.organizationName}
      </Text>
    );
  }
  const change = async (membershipId: string): Promise<void> => {
    try {
      await call('session.switch', { membershipId });
      // rights do not mix: start over at home with nothing of the other organization on the screen
      await renewSession();
      await router.navigate({ to: '/' });
    } catch (error) {
      sayProblem(error);
    }
  };
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconBuilding size={16} aria-hidden />}
          rightSection={<IconChevronDown size={14} aria-hidden />}
          aria-label={t('acting.label', { organization: membership.organizationName })}
          style={{ minWidth: 0 }}
        >
          {membership.organizationName}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('acting.switch')}</Menu.Label>
        {memberships.map((one) => (
          <Menu.Item
            key={one.id}
            disabled={one.id === membership.id}
            rightSection={
              one.id === membership.id ? <IconCheck size={16} aria-label={t('acting.now')} /> : null
            }
            onClick={() => change(one.id)}
          >
            {one.organizationName}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
