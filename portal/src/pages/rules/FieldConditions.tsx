import { ActionIcon, Group, MultiSelect, Select, Stack, TagsInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Input, Item } from '../../api/types.ts';
import { valueWords } from './rule-words.ts';

export type Condition = NonNullable<Input<'access-rule.create'>['fields']>[number];
type Field = Item<'attribute.list'>;

/** One of some values in each of these fields. Fields that people fill in themselves are not offered. */
export function FieldConditions({
  organizationId,
  value,
  onChange,
}: {
  organizationId: string;
  value: readonly Condition[];
  onChange: (value: Condition[]) => void;
}): ReactNode {
  const { t } = useTranslation();
  const query = useRead('attribute.list', { organizationId });
  const fields = (query.data?.items ?? []).filter(({ changedBy }) => changedBy !== 'self');
  const left = fields.filter(({ key }) => !value.some((one) => one.key === key));
  const put = (key: string, values: Condition['in']): void =>
    onChange(value.map((one) => (one.key === key ? { key, in: values } : one)));
  if (fields.length === 0) return null;
  return (
    <Stack gap="xs">
      {value.map((one) => {
        const field = fields.find(({ key }) => key === one.key);
        return (
          <Group key={one.key} gap="xs" align="flex-end" wrap="nowrap">
            <Values field={field} condition={one} onChange={(values) => put(one.key, values)} />
            <ActionIcon
              variant="default"
              size="input-sm"
              aria-label={t('rules.dropField', { field: field?.label ?? one.key })}
              onClick={() => onChange(value.filter((other) => other !== one))}
            >
              <IconX size={16} aria-hidden />
            </ActionIcon>
          </Group>
        );
      })}
      {left.length > 0 ? (
        <Select
          label={t('rules.addField')}
          placeholder={t('rules.addFieldHint')}
          value={null}
          searchable
          data={left.map(({ key, label }) => ({ value: key, label }))}
          onChange={(key) => key && onChange([...value, { key, in: [] }])}
        />
      ) : null}
    </Stack>
  );
}

function Values({
  field,
  condition,
  onChange,
}: {
  field: Field | undefined;
  condition: Condition;
  onChange: (values: Condition['in']) => void;
}): ReactNode {
  const { t } = useTranslation();
  const label = t('rules.fieldIs', { field: field?.label ?? condition.key });
  const shown = condition.in.map(String);
  const box = { label, value: shown, flex: 1, style: { minWidth: 0 } };
  if (field?.kind === 'choice')
    return <MultiSelect {...box} data={field.choices} searchable onChange={onChange} />;
  if (field?.kind === 'boolean')
    return (
      <Select
        {...box}
        value={shown[0] ?? null}
        data={[true, false].map((one) => ({ value: String(one), label: valueWords(t, one) }))}
        onChange={(one) => onChange(one === null ? [] : [one === 'true'])}
      />
    );
  const number = field?.kind === 'number';
  return (
    <TagsInput
      {...box}
      description={t(field?.kind === 'date' ? 'rules.dayHint' : 'rules.valuesHint')}
      onChange={(values) =>
        onChange(
          number
            ? values.flatMap((one) =>
                Number.isFinite(Number(one)) && one.trim() !== '' ? [Number(one)] : [],
              )
            : values,
        )
      }
    />
  );
}
