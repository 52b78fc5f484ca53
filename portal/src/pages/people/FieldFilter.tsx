import { Select, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { SearchField } from '../../parts/SearchField.tsx';
import { valueWords } from '../rules/rule-words.ts';
import { type FieldSearch, noField, type OwnField, plainNumber } from './own-fields.ts';

/** A field of the organization's own, and what has to stand in it: asked in the way of its kind. */
export function FieldFilter({
  fields,
  search,
  onChange,
}: {
  fields: readonly OwnField[];
  search: FieldSearch;
  /** `replace`: while typing, so that the way back is not a letter long */
  onChange: (part: FieldSearch, replace?: boolean) => void;
}): ReactNode {
  const { t } = useTranslation();
  const field = fields.find(({ key }) => key === search.field);
  if (fields.length === 0) return null;
  return (
    <>
      <Select
        label={t('peopleFilter.field')}
        placeholder={t('peopleFilter.anyField')}
        clearable
        searchable={fields.length > 8}
        clearButtonProps={{ 'aria-label': t('picker.clear') }}
        data={fields.map(({ key, label }) => ({ value: key, label }))}
        value={field?.key ?? null}
        onChange={(key) => onChange({ ...noField, field: key ?? undefined })}
        w={170}
      />
      {field ? <Within field={field} search={search} onChange={onChange} /> : null}
    </>
  );
}

function Within({
  field,
  search,
  onChange,
}: {
  field: OwnField;
  search: FieldSearch;
  onChange: (part: FieldSearch, replace?: boolean) => void;
}): ReactNode {
  const { t } = useTranslation();
  const { label } = field;
  const side = (name: 'from' | 'to'): ReactNode => {
    const said =
      name === 'from' ? t('peopleFilter.from', { field: label }) : t('peopleFilter.to', { field: label });
    const value = search[name];
    const put = (text: string | undefined, replace?: boolean): void =>
      onChange(name === 'from' ? { from: text } : { to: text }, replace);
    return field.kind === 'date' ? (
      <TextInput
        type="date"
        label={said}
        value={value ?? ''}
        onChange={(event) => put(event.currentTarget.value || undefined)}
        w={170}
      />
    ) : (
      <SearchField
        label={said}
        inputMode="decimal"
        value={value}
        onSearch={(text) => put(text, true)}
        error={value && plainNumber(value) === undefined ? t('peopleFilter.aNumber') : undefined}
        w={150}
      />
    );
  };
  switch (field.kind) {
    case 'choice':
    case 'boolean':
      return (
        <Select
          label={t('peopleFilter.is', { field: label })}
          placeholder={t('peopleFilter.anything')}
          clearable
          searchable={field.choices.length > 8}
          clearButtonProps={{ 'aria-label': t('picker.clear') }}
          data={
            field.kind === 'choice'
              ? field.choices
              : [true, false].map((one) => ({ value: String(one), label: valueWords(t, one) }))
          }
          value={search.is ?? null}
          onChange={(is) => onChange({ is: is ?? undefined })}
          w={170}
        />
      );
    case 'text':
      return (
        <SearchField
          key={field.key}
          label={t('peopleFilter.has', { field: label })}
          placeholder={t('peopleFilter.anything')}
          value={search.has}
          onSearch={(has) => onChange({ has }, true)}
          w={200}
        />
      );
    default:
      return (
        <>
          {side('from')}
          {side('to')}
        </>
      );
  }
}
