import { Checkbox, Select, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Permission } from '../../../../src/authority/permissions.ts';
import { useChange, useRead } from '../../api/queries.ts';
import { isoDay } from '../../i18n/dates.ts';
import { Acts } from '../../parts/Acts.tsx';
import { AskFrame } from './AskFrame.tsx';
import type { AskFormProps } from './ask-form.ts';
import { PlaceField, useOwnPlace } from './PlaceField.tsx';

/** Looking after an organization, as an admin role lets do; from a refusal, only what was missing. */
export function AskDelegation({ at, whom, permission, onSent }: AskFormProps): ReactNode {
  const { t } = useTranslation();
  const own = useOwnPlace();
  const [place, setPlace] = useState(at ?? own);
  const [adminRoleId, setRole] = useState<string | null>(null);
  const [below, setBelow] = useState(true);
  const [until, setUntil] = useState('');
  const mine = useRead('request.kinds', {});
  const ask = useChange('delegation.ask', onSent);
  const roles = mine.data?.adminRoles ?? [];
  const words = new Map(
    roles.flatMap(({ permissions, mayDo }) =>
      permissions.map((one, n) => [one, { one: one as Permission, words: mayDo[n] ?? one }] as const),
    ),
  );
  const missing = permission === undefined ? undefined : words.get(permission);
  const role = roles.find(({ id }) => id === adminRoleId);
  return (
    <AskFrame
      busy={ask.isPending}
      problem={ask.error}
      onSend={(reason) => {
        if (!until || !(missing || adminRoleId)) return;
        ask.mutate({
          organizationId: place.id,
          membershipId: whom?.membershipId,
          below,
          lastDay: until,
          reason,
          ...(missing ? { permissions: [missing.one] } : { adminRoleId: adminRoleId! }),
        });
      }}
    >
      {whom ? <Text size="sm">{t('ask.forPerson', { name: whom.displayName })}</Text> : null}
      {missing ? (
        <Text size="sm">{t('askElse.mayDo', { what: missing.words })}</Text>
      ) : (
        <Select
          label={t('askElse.role')}
          description={role?.description}
          required
          data={roles.map(({ id, name }) => ({ value: id, label: name }))}
          value={adminRoleId}
          onChange={setRole}
        />
      )}
      {role ? <Acts words={role.mayDo} /> : null}
      <PlaceField label={t('askElse.where')} value={place} onChange={setPlace} />
      <Checkbox
        label={t('askElse.belowToo')}
        checked={below}
        onChange={(event) => setBelow(event.currentTarget.checked)}
      />
      <TextInput
        type="date"
        label={t('askElse.until')}
        min={isoDay()}
        value={until}
        onChange={(event) => setUntil(event.currentTarget.value)}
        required
      />
    </AskFrame>
  );
}
