import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Item } from '../../api/types.ts';

type Person = Item<'user.list'>;
/** Somebody who is here already, or an address to invite. */
export type Who =
  | { kind: 'person'; membershipId: string; displayName: string }
  | { kind: 'invite'; email: string };

type Props = {
  label: string;
  description?: string;
  organizationId: string;
  onChange: (who: Who | undefined) => void;
  mayInvite: boolean;
};

const address = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const mail = 'mail:';

/** One field for both: a piece of a name finds people, a whole e-mail address offers to invite it. */
export function WhoField({ label, description, organizationId, onChange, mayInvite }: Props): ReactNode {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [value, setValue] = useState<string | null>(null);
  const [known, setKnown] = useState<ReadonlyMap<string, Person>>(new Map());
  const [search] = useDebouncedValue(typed.trim(), 150);
  const found = useRead('user.list', search ? { search, limit: 20 } : { organizationId, limit: 20 }, {
    keepPrevious: true,
  });
  const people = new Map((found.data?.items ?? []).map((person) => [person.membershipId, person]));
  const chosen = value ? known.get(value) : undefined;
  if (chosen) people.set(chosen.membershipId, chosen);
  const here = [...people.values()].map((person) => ({
    value: person.membershipId,
    label: t('picker.personAt', { name: person.displayName, organization: person.organizationName }),
  }));
  const email = value?.startsWith(mail) ? value.slice(mail.length) : typed.trim();
  const invite =
    mayInvite && address.test(email) ? [{ value: mail + email, label: t('appoint.invite', { email }) }] : [];
  return (
    <Select
      label={label}
      description={description}
      required
      data-autofocus
      searchable
      allowDeselect={false}
      placeholder={mayInvite ? t('appoint.nameOrEmail') : t('picker.person')}
      nothingFoundMessage={found.isFetching ? t('state.loading') : t('appoint.nobody')}
      filter={({ options }) => options}
      searchValue={typed}
      onSearchChange={setTyped}
      value={value}
      onChange={(next) => {
        setValue(next);
        const person = next ? people.get(next) : undefined;
        if (person) setKnown(new Map([[person.membershipId, person]]));
        if (person)
          onChange({ kind: 'person', membershipId: person.membershipId, displayName: person.displayName });
        else
          onChange(next?.startsWith(mail) ? { kind: 'invite', email: next.slice(mail.length) } : undefined);
      }}
      data={[...here, ...invite]}
    />
  );
}
