import { PasswordInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** One field, no repetition: the eye shows what was typed, and password managers and pasting work. */
export function NewPasswordField({ label, name }: { label: string; name: string }): ReactNode {
  const { t } = useTranslation();
  return (
    <PasswordInput
      name={name}
      label={label}
      description={t('field.newPasswordRule')}
      autoComplete="new-password"
      minLength={12}
      required
      withAsterisk={false}
      visibilityToggleButtonProps={{ 'aria-label': t('field.showPassword') }}
    />
  );
}
