import { Radio, Select, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { PersonPicker } from '../../parts/PersonPicker.tsx';
import type { Draft, Relation } from './draft.ts';

type Props = { draft: Draft; onChange: (change: Partial<Draft>) => void };

const ways = ['person', 'relation', 'standing', 'organization'] as const;
const relations: Relation[] = ['line-managers', 'managers', 'members', 'guardians'];

/** Who receives it: a person, whoever stands in a relation, an organization itself, or another organization. */
export function WhoFields({ draft, onChange }: Props): ReactNode {
  const { t } = useTranslation();
  return (
    <Stack>
      <Radio.Group
        label={t('delegate.whoKind')}
        value={draft.who}
        onChange={(who) => onChange({ who: who as Draft['who'] })}
      >
        <Stack gap="xs" mt={4}>
          {ways.map((way) => (
            <Radio
              key={way}
              value={way}
              label={t(`delegate.way.${way}`)}
              description={t(`delegate.wayHint.${way}`)}
            />
          ))}
        </Stack>
      </Radio.Group>
      {draft.who === 'person' ? (
        <PersonPicker
          label={t('delegate.person')}
          required
          value={draft.person?.membershipId ?? null}
          known={draft.person}
          onChange={(membershipId, person) =>
            onChange({
              person: membershipId && person ? { membershipId, displayName: person.displayName } : undefined,
            })
          }
        />
      ) : null}
      {draft.who === 'relation' ? (
        <Select
          label={t('delegate.relation')}
          allowDeselect={false}
          value={draft.relation}
          onChange={(relation) => relation && onChange({ relation: relation as Relation })}
          data={relations.map((value) => ({ value, label: t(`delegate.relations.${value}`) }))}
        />
      ) : null}
      {draft.who === 'relation' || draft.who === 'organization' ? (
        <OrganizationPicker
          label={draft.who === 'relation' ? t('delegate.relationOf') : t('delegate.otherOrganization')}
          required
          value={draft.group?.id ?? null}
          known={draft.group}
          onChange={(_, group) => onChange({ group })}
        />
      ) : null}
    </Stack>
  );
}
