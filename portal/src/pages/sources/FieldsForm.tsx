import { Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { ActButton, GiveButton } from '../../parts/ActButton.tsx';
import { useFieldNames } from './field-names.ts';
import { type FormProps, usePasswordAgain, useSave } from './save-source.tsx';
import { TryFirst } from './TryOut.tsx';
import { usualColumns } from './usual.ts';

const known = [
  'key',
  'name',
  'givenName',
  'familyName',
  'email',
  'title',
  'lineManager',
  'firstDay',
  'lastDay',
] as const;

/** Which attribute of the directory fills in which field of a person. */
export function FieldsForm(props: FormProps): ReactNode {
  const { t } = useTranslation();
  const { source } = props;
  const nameOf = useFieldNames();
  const own = useRead('attribute.list', { organizationId: source.organizationId });
  const [columns, setColumns] = useState<Record<string, string>>(source.columns);
  const { save, busy, problem } = useSave(props);
  const again = usePasswordAgain(source);
  const fields = [
    ...known.map((field) => ({ field: field as string, label: nameOf(field) })),
    ...(own.data?.items ?? []).map(({ key, label }) => ({ field: `attribute.${key}`, label })),
  ];
  const said = {
    columns: Object.fromEntries(
      Object.entries(columns).flatMap(([field, attribute]) =>
        attribute.trim() ? [[field, attribute.trim()]] : [],
      ),
    ),
    ...again.said,
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save(said);
      }}
    >
      <Stack>
        <Text size="sm">{t('sources.fieldsText')}</Text>
        <div>
          <ActButton
            size="xs"
            variant="default"
            blocked={false}
            onClick={() => setColumns({ ...usualColumns[source.make], ...columns })}
          >
            {t('targets.suggest')}
          </ActButton>
        </div>
        {fields.map(({ field, label }) => (
          <TextInput
            key={field}
            label={label}
            description={field === 'key' ? t('sources.keyHint') : undefined}
            placeholder={usualColumns[source.make][field]}
            autoComplete="off"
            maxLength={100}
            value={columns[field] ?? ''}
            onChange={(event) => setColumns({ ...columns, [field]: event.currentTarget.value })}
          />
        ))}
        {again.field}
        <TryFirst
          attempt={{ source: { sourceId: source.sourceId, ...said } }}
          blocked={source.hasPassword ? false : t('sources.noPassword')}
        />
        <ActProblem problem={problem} />
        <GiveButton type="submit" blocked={false} loading={busy}>
          {t('do.save')}
        </GiveButton>
      </Stack>
    </form>
  );
}
