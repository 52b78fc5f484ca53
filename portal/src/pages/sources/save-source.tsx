import { PasswordInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import type { Input } from '../../api/types.ts';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { SourceDetail } from './source.ts';

export type FormProps = { source: SourceDetail; onClose: () => void };

/** Saves a part of a source, as it was when it was opened; says so, and closes. */
export function useSave({ source, onClose }: FormProps) {
  const { t } = useTranslation();
  const save = useChange('source.update', (saved) => {
    sayDone(t('sources.saved', { name: saved.name }));
    onClose();
  });
  return {
    busy: save.isPending,
    problem: save.error,
    save: (part: Omit<Input<'source.update'>, 'sourceId'>): void =>
      save.mutate({ sourceId: source.sourceId, ...part, ifVersion: source.version }),
  };
}

/** The password once more, for whoever changes what is read with one that somebody else gave; nothing for that one. */
export function usePasswordAgain({ hasPassword, gavePassword }: SourceDetail): {
  field: ReactNode;
  said: { password?: string };
} {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  if (!hasPassword || gavePassword) return { field: null, said: {} };
  return {
    said: password ? { password } : {},
    field: (
      <PasswordInput
        label={t('sources.password')}
        description={t('sources.passwordOfAnother')}
        required
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': t('targets.showSecret') }}
      />
    ),
  };
}
