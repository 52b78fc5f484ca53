import { Button, Group, Pill, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { PersonPicker } from '../../parts/PersonPicker.tsx';
import { idsIn } from './person-ids.ts';

/** People chosen one by one; the setting keeps their memberships, one a line. */
export function PeopleField({
  label,
  description,
  value,
  onChange,
}: {
  label: string;
  description: string | undefined;
  value: string;
  onChange: (value: string) => void;
}): ReactNode {
  const { t } = useTranslation();
  const [next, setNext] = useState<string | null>(null);
  const ids = idsIn(value);
  const keep = (kept: readonly string[]): void => onChange(kept.join('\n'));
  return (
    <Stack gap="xs">
      <Group align="flex-end" gap="xs">
        <PersonPicker
          label={label}
          {...(description ? { description } : {})}
          value={next}
          exclude={ids}
          onChange={setNext}
        />
        <Button
          variant="default"
          onClick={() => {
            if (next) keep([...ids, next]);
            setNext(null);
          }}
        >
          {t('targets.addPerson')}
        </Button>
      </Group>
      {ids.length > 0 ? (
        <Group component="ul" gap="xs" m={0} p={0} style={{ listStyle: 'none' }} aria-label={label}>
          {ids.map((id) => (
            <li key={id}>
              <Chosen id={id} onRemove={() => keep(ids.filter((one) => one !== id))} />
            </li>
          ))}
        </Group>
      ) : null}
    </Stack>
  );
}

function Chosen({ id, onRemove }: { id: string; onRemove: () => void }): ReactNode {
  const { t } = useTranslation();
  const person = useRead('membership.read', { membershipId: id });
  const name = person.data?.user.displayName ?? t('targets.somebody');
  return (
    <Pill
      withRemoveButton
      onRemove={onRemove}
      removeButtonProps={{ 'aria-label': t('targets.removePerson', { name }), tabIndex: 0 }}
    >
      <Text component="span" size="sm">
        {name}
      </Text>
    </Pill>
  );
}
