import { Group, Pill, Radio, Select, Stack } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PersonPicker } from '../../parts/PersonPicker.tsx';
import type { Draft } from './draft.ts';

type Props = { draft: Draft; onChange: (change: Partial<Draft>) => void };

/** Everybody there, only some people, or only those who report to somebody. */
export function PeopleFields({ draft, onChange }: Props): ReactNode {
  const { t } = useTranslation();
  const [round, setRound] = useState(0);
  const ways = [
    'all',
    'some',
    'reports',
    ...(draft.who === 'relation' ? (['relation'] as const) : []),
  ] as const;
  return (
    <Stack>
      <Radio.Group
        label={t('delegate.people')}
        value={draft.people}
        onChange={(people) => onChange({ people: people as Draft['people'] })}
      >
        <Stack gap="xs" mt={4}>
          {ways.map((way) => (
            <Radio key={way} value={way} label={t(`delegate.peopleWay.${way}`)} />
          ))}
        </Stack>
      </Radio.Group>
      {draft.people === 'some' ? (
        <>
          <Group gap="xs" role="group" aria-label={t('delegate.someChosen')}>
            {draft.some.map(({ id, name }) => (
              <Pill
                key={id}
                size="md"
                withRemoveButton
                removeButtonProps={{ 'aria-label': t('delegate.removePerson', { name }), tabIndex: 0 }}
                onRemove={() => onChange({ some: draft.some.filter((one) => one.id !== id) })}
              >
                {name}
              </Pill>
            ))}
          </Group>
          <PersonPicker
            key={round}
            label={t('delegate.addPerson')}
            value={null}
            exclude={draft.some.map(({ id }) => id)}
            onChange={(id, person) => {
              if (!id || !person) return;
              onChange({ some: [...draft.some, { id, name: person.displayName }] });
              setRound(round + 1);
            }}
          />
        </>
      ) : null}
      {draft.people === 'reports' ? (
        <>
          <Select
            label={t('delegate.depth')}
            allowDeselect={false}
            value={draft.depth}
            onChange={(depth) => depth && onChange({ depth: depth as Draft['depth'] })}
            data={[
              { value: 'direct', label: t('delegate.depthDirect') },
              { value: 'all', label: t('delegate.depthAll') },
            ]}
          />
          <PersonPicker
            label={t('delegate.reportsOf')}
            description={t('delegate.reportsOfHint')}
            value={draft.reportsOf?.id ?? null}
            known={draft.reportsOf && { membershipId: draft.reportsOf.id, displayName: draft.reportsOf.name }}
            onChange={(id, person) =>
              onChange({ reportsOf: id && person ? { id, name: person.displayName } : undefined })
            }
          />
        </>
      ) : null}
    </Stack>
  );
}
