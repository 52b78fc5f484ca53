import { Button, Checkbox, Group, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Permission } from '../../../../src/authority/permissions.ts';
import { useChange, useRead } from '../../api/queries.ts';
import { isoDay } from '../../i18n/dates.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { type HandOut, HandOutChoice } from '../../parts/HandOutChoice.tsx';
import { TextLink } from '../../parts/links.tsx';
import { KeyOnce } from './KeyOnce.tsx';
import type { Organization } from './organization.ts';

/** Machines hand nobody a new sign-in code (the server refuses it). */
const notForMachines: Permission[] = ['credential.reset'];

/** What the key may do; then the key itself, shown this once. */
export function NewKey({
  organization,
  onClose,
}: {
  organization: Organization;
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<string[]>([]);
  const [handOut, setHandOut] = useState<HandOut>({ applicationIds: [] });
  const [untilDay, setUntilDay] = useState('');
  const create = useChange('client.create');
  const words = usePermissionWords();
  const offered = organization.may.filter((one) => !notForMachines.includes(one));
  if (create.data) return <KeyOnce apiKey={create.data.key} onClose={onClose} />;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate({
          organizationId: organization.id,
          name,
          permissions: offered.filter((one) => chosen.includes(one)),
          entitlements: handOut,
          ...(untilDay ? { lastDay: untilDay } : {}),
        });
      }}
    >
      <Stack>
        <Text size="sm">
          {t('feeds.insteadOf')}{' '}
          <TextLink
            to="/organizations/$organizationId"
            params={{ organizationId: organization.id }}
            search={{ section: 'feeds' }}
            size="sm"
            underline="always"
          >
            {t('feeds.make')}
          </TextLink>
        </Text>
        <TextInput
          label={t('keys.name')}
          description={t('keys.nameHint')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
          maxLength={100}
          data-autofocus
        />
        <Checkbox.Group label={t('keys.may')} value={chosen} onChange={setChosen}>
          <Stack gap="xs" mt={4}>
            {offered.map((one) => (
              <Checkbox key={one} value={one} label={words.get(one) ?? one} />
            ))}
          </Stack>
        </Checkbox.Group>
        {chosen.includes('access.grant') || chosen.includes('user.invite') ? (
          <HandOutChoice
            label={t('keys.handOut')}
            organizationId={organization.id}
            value={handOut}
            onChange={setHandOut}
          />
        ) : null}
        <TextInput
          type="date"
          label={t('keys.untilLabel')}
          description={t('keys.untilHint')}
          min={isoDay(1)}
          value={untilDay}
          onChange={(event) => setUntilDay(event.currentTarget.value)}
        />
        <ActProblem problem={create.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <GiveButton
            type="submit"
            loading={create.isPending}
            blocked={chosen.length > 0 ? false : t('keys.chooseFirst')}
          >
            {t('keys.make')}
          </GiveButton>
        </Group>
      </Stack>
    </form>
  );
}

/** The server's own words for each act, from its admin roles. */
function usePermissionWords(): ReadonlyMap<string, string> {
  const roles = useRead('admin-role.list', {});
  return new Map(
    (roles.data?.items ?? []).flatMap((role) =>
      role.permissions.map((name, index) => [name, role.permissionWords[index] ?? name] as const),
    ),
  );
}
