import { Group, Textarea, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { AccessChoice, type ChosenAccess, noAccess } from '../../parts/AccessChoice.tsx';
import { Fold } from '../../parts/Fold.tsx';

export type InviteTerms = ChosenAccess & {
  title: string;
  message: string;
  firstDay: string;
  lastDay: string;
};

export const noTerms: InviteTerms = { ...noAccess, title: '', message: '', firstDay: '', lastDay: '' };

/** Only what was filled in is sent. */
export const toInput = ({ title, message, firstDay, lastDay, ...access }: InviteTerms) => ({
  ...access,
  title: title.trim() || undefined,
  message: message.trim() || undefined,
  firstDay: firstDay || undefined,
  lastDay: lastDay || undefined,
});

type Props = {
  organizationId: string;
  value: InviteTerms;
  onChange: (terms: InviteTerms) => void;
  /** a message goes with a mail only */
  withMessage: boolean;
};

/** What comes with joining: access, title, dates, a word in the mail. Folded, for most leave it as it is. */
export function TermsFold({ organizationId, value, onChange, withMessage }: Props): ReactNode {
  const { t } = useTranslation();
  const text = (field: 'title' | 'message' | 'firstDay' | 'lastDay') => ({
    value: value[field],
    onChange: (event: { currentTarget: { value: string } }) =>
      onChange({ ...value, [field]: event.currentTarget.value }),
  });
  return (
    <Fold label={t('invite.more')}>
      <AccessChoice
        label={t('invite.access')}
        organizationId={organizationId}
        value={value}
        onChange={(access) => onChange({ ...value, ...access })}
        withAccessRoles
      />
      <TextInput label={t('invite.jobTitle')} maxLength={200} {...text('title')} />
      <Group grow align="flex-start">
        <TextInput type="date" label={t('invite.firstDay')} {...text('firstDay')} />
        <TextInput type="date" label={t('invite.lastDay')} min={value.firstDay} {...text('lastDay')} />
      </Group>
      {withMessage ? (
        <Textarea label={t('invite.message')} autosize minRows={2} maxLength={2000} {...text('message')} />
      ) : null}
    </Fold>
  );
}
