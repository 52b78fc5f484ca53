import { Checkbox, NumberInput, Select, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Item } from '../../api/types.ts';

type Attribute = Pick<Item<'attribute.list'>, 'key' | 'label' | 'kind' | 'choices' | 'required'>;
export type AttributeValues = Record<string, string | number | boolean | null>;

/** The fields that the organization, or one above it, defined for its people; `byHand`: those that people fill in. */
export function useAttributes(
  organizationId: string,
  { byHand = false }: { byHand?: boolean } = {},
): readonly Attribute[] {
  const fields = useRead('attribute.list', { organizationId }).data?.items ?? [];
  return byHand ? fields.filter(({ changedBy }) => changedBy !== 'source') : fields;
}

type Props = {
  attributes: readonly Attribute[];
  values: AttributeValues;
  onChange: (values: AttributeValues) => void;
};

export function AttributeFields({ attributes, values, onChange }: Props): ReactNode {
  const { t } = useTranslation();
  return attributes.map(({ key, label, kind, choices, required }) => {
    const value = values[key] ?? null;
    const set = (next: string | number | boolean | null): void => onChange({ ...values, [key]: next });
    if (kind === 'boolean') {
      return (
        <Checkbox
          key={key}
          label={label}
          checked={value === true}
          onChange={(event) => set(event.currentTarget.checked)}
        />
      );
    }
    if (kind === 'number') {
      return (
        <NumberInput
          key={key}
          label={label}
          required={required}
          hideControls
          value={typeof value === 'number' ? value : ''}
          onChange={(next) => set(typeof next === 'number' ? next : null)}
        />
      );
    }
    if (choices.length > 0) {
      return (
        <Select
          key={key}
          label={label}
          required={required}
          clearable={!required}
          clearButtonProps={{ 'aria-label': t('picker.clear') }}
          data={choices}
          value={typeof value === 'string' ? value : null}
          onChange={set}
        />
      );
    }
    return (
      <TextInput
        key={key}
        type={kind === 'date' ? 'date' : 'text'}
        label={label}
        required={required}
        value={typeof value === 'string' ? value : ''}
        onChange={(event) => set(event.currentTarget.value || null)}
      />
    );
  });
}
