import { Button, Checkbox, Group, Stack, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Permission } from '../../../../src/authority/permissions.ts';
import { useChange } from '../../api/queries.ts';
import { isoDay } from '../../i18n/dates.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import type { Organization } from '../organizations/organization.ts';
import { addressOf, Paste } from './Paste.tsx';

/** What every feed needs, to find people and to keep them up to date. */
const always: Permission[] = ['organization.read', 'user.read', 'membership.update'];

/** What it may do beside, each with all that the server asks for it. */
const powers = {
  enrol: ['user.enrol'],
  suspend: ['membership.suspend'],
  end: ['membership.end'],
  // Leaving here and joining there: whoever may invite may bring somebody in who has an account.
  move: ['membership.end', 'user.invite'],
  groups: ['group.configure'],
} as const satisfies Record<string, readonly Permission[]>;
type Power = keyof typeof powers;
const usual: Power[] = ['enrol', 'suspend', 'end', 'groups'];

/** A few questions instead of every permission there is; then address and key, shown this once. */
export function NewFeed({
  organization,
  onClose,
}: {
  organization: Organization;
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const mayGive = (power: Power): boolean => powers[power].every((one) => organization.may.includes(one));
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<string[]>(usual.filter(mayGive));
  const [untilDay, setUntilDay] = useState('');
  const create = useChange('client.create');
  if (create.data)
    return <Paste address={addressOf(organization.id)} clientKey={create.data.key} onClose={onClose} />;
  const names = Object.keys(powers) as Power[];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const given = names.filter((one) => chosen.includes(one)).flatMap((one) => powers[one]);
        create.mutate({
          organizationId: organization.id,
          name: name.trim(),
          permissions: [...new Set([...always.filter((one) => organization.may.includes(one)), ...given])],
          feed: true,
          ...(untilDay ? { lastDay: untilDay } : {}),
        });
      }}
    >
      <Stack>
        <TextInput
          label={t('feeds.name')}
          description={t('feeds.nameHint')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
          maxLength={100}
          data-autofocus
        />
        <Checkbox.Group
          label={t('feeds.may')}
          description={t('feeds.mayHint')}
          value={chosen}
          onChange={setChosen}
        >
          <Stack gap="xs" mt="xs">
            {names.map((one) => (
              <Checkbox
                key={one}
                value={one}
                label={t(`feeds.power.${one}`)}
                disabled={!mayGive(one)}
                description={mayGive(one) ? undefined : t('feeds.notYours')}
              />
            ))}
          </Stack>
        </Checkbox.Group>
        <TextInput
          type="date"
          label={t('feeds.untilLabel')}
          description={t('feeds.untilHint')}
          min={isoDay(1)}
          value={untilDay}
          onChange={(event) => setUntilDay(event.currentTarget.value)}
        />
        <ActProblem problem={create.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <GiveButton type="submit" loading={create.isPending} blocked={false}>
            {t('feeds.make')}
          </GiveButton>
        </Group>
      </Stack>
    </form>
  );
}
