import { Checkbox, Select, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { type FormProps, useSave } from './save-target.ts';

/** What is done about passwords there. */
export function PasswordsForm(props: FormProps): ReactNode {
  const { t } = useTranslation();
  const { passwords, can } = props.target;
  const [initial, setInitial] = useState(passwords?.initial ?? false);
  const [sync, setSync] = useState(passwords?.sync ?? false);
  const [form, setForm] = useState(passwords?.form ?? can.passwords[0] ?? 'clear');
  const { save, busy, problem } = useSave(props);
  if (can.passwords.length === 0) return <Text size="sm">{t('behavior.takesNoPasswords')}</Text>;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save({ passwords: initial || sync ? { form, initial, sync } : null });
      }}
    >
      <Stack>
        <Checkbox
          label={t('behavior.initial')}
          description={t('behavior.initialHint')}
          checked={initial}
          onChange={(event) => setInitial(event.currentTarget.checked)}
        />
        <Checkbox
          label={t('behavior.sync')}
          description={t('behavior.syncHint')}
          checked={sync}
          onChange={(event) => setSync(event.currentTarget.checked)}
        />
        {can.passwords.length > 1 && (initial || sync) ? (
          <Select
            label={t('behavior.form')}
            description={t('behavior.formHint')}
            allowDeselect={false}
            value={form}
            onChange={(one) => setForm(can.passwords.find((other) => other === one) ?? form)}
            data={can.passwords.map((one) => ({ value: one, label: t(`behavior.forms.${one}`) }))}
          />
        ) : null}
        <ActProblem problem={problem} />
        <GiveButton type="submit" blocked={false} loading={busy}>
          {t('do.save')}
        </GiveButton>
      </Stack>
    </form>
  );
}
