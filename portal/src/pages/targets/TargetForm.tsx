import { PasswordInput, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import type { Item, Output } from '../../api/types.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { PeopleField } from './PeopleField.tsx';

type Field = Item<'connector.list'>['settings'][number];
type Detail = Output<'target.read'>;
type Values = Record<string, string>;

/** Connects a system, or changes how it is reached. What it is told to keep secret is never shown again. */
export function TargetForm({
  target,
  onClose,
  onMade,
}: {
  target: Detail | undefined;
  onClose: () => void;
  onMade?: (id: string) => void;
}): ReactNode {
  const { t } = useTranslation();
  const { membership } = useSession();
  const kinds = useRead('connector.list', {});
  const [name, setName] = useState(target?.name ?? '');
  const [kind, setKind] = useState<string | null>(target?.connector ?? null);
  const [organizationId, setOrganizationId] = useState<string | null>(membership.organizationId);
  const [settings, setSettings] = useState<Values>(target?.settings ?? {});
  const [secrets, setSecrets] = useState<Values>({});
  const create = useChange('target.create', (made) => {
    sayDone(t('targets.made', { name: made.name }));
    onClose();
    onMade?.(made.id);
  });
  const update = useChange('target.update', (saved) => {
    sayDone(t('targets.saved', { name: saved.name }));
    onClose();
  });
  const connector = kinds.data?.items.find((one) => one.name === kind);
  const submit = (): void => {
    const said = { name: name.trim(), settings: written(settings), secrets: written(secrets) };
    if (target) update.mutate({ provisioningTargetId: target.id, ...said, ifVersion: target.version });
    else if (kind && organizationId) create.mutate({ organizationId, connector: kind, ...said });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack>
        <TextInput
          label={t('targets.name')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
          maxLength={100}
          data-autofocus
        />
        {target ? null : (
          <>
            <OrganizationPicker
              label={t('targets.organization')}
              description={t('targets.organizationHint')}
              required
              value={organizationId}
              known={{ id: membership.organizationId, name: membership.organizationName }}
              onChange={setOrganizationId}
            />
            <Select
              label={t('targets.kind')}
              description={t('targets.kindHint')}
              required
              allowDeselect={false}
              value={kind}
              onChange={(one) => {
                setKind(one);
                setSettings({});
                setSecrets({});
              }}
              data={(kinds.data?.items ?? []).map((one) => ({ value: one.name, label: one.label }))}
            />
          </>
        )}
        {connector?.settings
          .filter((field, at, all) => asksWhom(field, all[at - 1], settings))
          .map((field) => (
            <FieldInput key={field.key} field={field} values={settings} onChange={setSettings} />
          ))}
        {connector?.secrets.map((field) => (
          <PasswordInput
            key={field.key}
            label={field.label}
            description={target?.hasCredentials ? t('targets.secretKept') : t('targets.secretHint')}
            required={field.required && !target?.hasCredentials}
            value={secrets[field.key] ?? ''}
            onChange={(event) => setSecrets({ ...secrets, [field.key]: event.currentTarget.value })}
            autoComplete="new-password"
            visibilityToggleButtonProps={{ 'aria-label': t('targets.showSecret') }}
          />
        ))}
        {target ? null : <Text size="sm">{t('targets.nothingYet')}</Text>}
        <ActProblem problem={create.error ?? update.error} />
        <GiveButton
          type="submit"
          blocked={connector ? false : t('targets.chooseKind')}
          loading={create.isPending || update.isPending}
        >
          {target ? t('do.save') : t('targets.connect')}
        </GiveButton>
      </Stack>
    </form>
  );
}

const written = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== ''));

/** People are only asked for where the choice right above says that certain people do it. */
const asksWhom = (field: Field, above: Field | undefined, values: Values): boolean =>
  field.kind !== 'people' || !above?.choices.includes('people') || values[above.key] === 'people';

function FieldInput({
  field,
  values,
  onChange,
}: {
  field: Field;
  values: Values;
  onChange: (values: Values) => void;
}): ReactNode {
  const { t } = useTranslation();
  const { key, label, kind, required, choices, choiceLabels, usual, help } = field;
  const set = (value: string): void => onChange({ ...values, [key]: value });
  const shown = {
    label,
    description: help ?? undefined,
    required: required && usual === null,
    value: values[key] ?? '',
    placeholder: usual === null ? undefined : (choiceLabels[usual] ?? usual),
  };
  if (kind === 'one-of' || kind === 'yes-no') {
    const data =
      kind === 'yes-no'
        ? [
            { value: 'true', label: t('targets.yes') },
            { value: 'false', label: t('targets.no') },
          ]
        : choices.map((value) => ({ value, label: choiceLabels[value] ?? value }));
    return (
      <Select
        {...shown}
        value={values[key] ?? null}
        data={data}
        clearable={!shown.required}
        clearButtonProps={{ 'aria-label': t('picker.clear') }}
        onChange={(one) => set(one ?? '')}
      />
    );
  }
  if (kind === 'people')
    return <PeopleField label={label} description={shown.description} value={shown.value} onChange={set} />;
  if (kind === 'long-text')
    return (
      <Textarea
        {...shown}
        autosize
        minRows={3}
        maxRows={12}
        onChange={(event) => set(event.currentTarget.value)}
      />
    );
  return <TextInput {...shown} autoComplete="off" onChange={(event) => set(event.currentTarget.value)} />;
}
