import './policies.css';
import { Chip, Fieldset, Group, Input, MultiSelect, NumberInput, Pill, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Fold } from '../../parts/Fold.tsx';
import { useGrantable } from '../../parts/grantable.ts';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import type { Conditions } from './draft.ts';

const kinds = ['access', 'extension', 'ending', 'last-day', 'organization', 'delegation', 'account'] as const;
const risks = ['low', 'normal', 'high'] as const;

type Props = {
  organization: { id: string; name: string };
  value: Conditions;
  names: Readonly<Record<string, string>>;
  onChange: (value: Conditions) => void;
  onNamed: (id: string, name: string) => void;
};

/** Which requests: chips for what there is little of, fields for the rest; what is left open does not matter. */
export function ConditionsField({ organization, value, names, onChange, onNamed }: Props): ReactNode {
  const { t } = useTranslation();
  const grantable = useGrantable(organization.id);
  const set = (change: Partial<Conditions>): void => onChange({ ...value, ...change });
  const applications = (grantable.data?.applications ?? []).map(({ id, name }) => ({
    value: id,
    label: name,
  }));
  const roles = (grantable.data?.applications ?? []).map(({ name, roles }) => ({
    group: name,
    items: roles.map((role) => ({ value: role.entitlementId, label: `${role.name} · ${name}` })),
  }));
  return (
    <Fieldset legend={t('policy.aboutWhat')}>
      <Stack>
        <Text size="sm" c="dimmed">
          {t('policy.aboutHint', { organization: organization.name })}
        </Text>
        <Chips
          label={t('policy.field.kinds')}
          all={kinds.map((kind) => ({ value: kind, label: t(`policy.kind.${kind}`) }))}
          value={value.kinds ?? []}
          onChange={(to) => set({ kinds: to as Conditions['kinds'] })}
        />
        <Chips
          label={t('policy.field.risk')}
          all={risks.map((risk) => ({ value: risk, label: t(`policy.risk.${risk}`) }))}
          value={value.risk ?? []}
          onChange={(to) => set({ risk: to as Conditions['risk'] })}
        />
        <Fold label={t('policy.field.more')}>
          <MultiSelect
            label={t('policy.field.applications')}
            data={withKnown(applications, value.applications, names, t('policy.unseen'))}
            value={value.applications ?? []}
            onChange={(to) => set({ applications: to })}
            searchable
            clearable
            clearButtonProps={{ 'aria-label': t('picker.clear') }}
          />
          <MultiSelect
            label={t('policy.field.roles')}
            data={[
              ...roles,
              ...withKnown(
                roles.flatMap(({ items }) => items),
                value.entitlements,
                names,
                t('policy.unseen'),
              ).slice(roles.flatMap(({ items }) => items).length),
            ]}
            value={value.entitlements ?? []}
            onChange={(to) => set({ entitlements: to })}
            searchable
            clearable
            clearButtonProps={{ 'aria-label': t('picker.clear') }}
          />
          <Stack gap="xs">
            <OrganizationPicker
              label={t('policy.field.places')}
              value={null}
              onChange={(id, one) => {
                if (!id || value.organizationIds?.includes(id)) return;
                if (one) onNamed(id, one.name);
                set({ organizationIds: [...(value.organizationIds ?? []), id] });
              }}
            />
            <Group gap={6}>
              {(value.organizationIds ?? []).map((id) => {
                const name = names[id] ?? t('policy.unseen');
                return (
                  <Pill
                    key={id}
                    size="md"
                    className="policy-chip"
                    withRemoveButton
                    onRemove={() =>
                      set({ organizationIds: value.organizationIds?.filter((other) => other !== id) })
                    }
                    removeButtonProps={{
                      'aria-label': t('policy.dropWho', { who: name }),
                      'aria-hidden': false,
                      tabIndex: 0,
                    }}
                  >
                    {name}
                  </Pill>
                );
              })}
            </Group>
          </Stack>
          <Chips
            label={t('policy.field.membership')}
            all={[
              { value: 'internal', label: t('policy.about.internal') },
              { value: 'external', label: t('policy.about.external') },
            ]}
            value={value.membership ? [value.membership] : []}
            // one or the other; both is the same as neither
            onChange={(to) => set({ membership: to.at(-1) as Conditions['membership'] })}
          />
          <NumberInput
            label={t('policy.field.longer')}
            description={t('policy.field.longerHint')}
            value={value.longerThanDays ?? ''}
            min={1}
            max={3650}
            allowDecimal={false}
            w={240}
            onChange={(to) => set({ longerThanDays: Number(to) >= 1 ? Math.round(Number(to)) : undefined })}
          />
          <Chips
            label={t('policy.field.separation')}
            all={[{ value: 'separation', label: t('policy.about.separation') }]}
            value={value.separation ? ['separation'] : []}
            onChange={(to) => set({ separation: to.length > 0 ? true : undefined })}
          />
        </Fold>
      </Stack>
    </Fieldset>
  );
}

type Choice = { value: string; label: string };

/** What a saved policy names stays shown, also where the reader could not choose it. */
const withKnown = (
  offered: readonly Choice[],
  chosen: readonly string[] | undefined,
  names: Readonly<Record<string, string>>,
  unseen: string,
): Choice[] => [
  ...offered,
  ...(chosen ?? [])
    .filter((id) => !offered.some(({ value }) => value === id))
    .map((id) => ({ value: id, label: names[id] ?? unseen })),
];

function Chips({
  label,
  all,
  value,
  onChange,
}: {
  label: string;
  all: readonly Choice[];
  value: readonly string[];
  onChange: (value: string[]) => void;
}): ReactNode {
  return (
    <Input.Wrapper label={label} labelElement="div">
      <Chip.Group multiple value={[...value]} onChange={onChange}>
        <Group gap={6} mt={4} role="group" aria-label={label}>
          {all.map((one) => (
            <Chip key={one.value} value={one.value} size="sm">
              {one.label}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </Input.Wrapper>
  );
}
