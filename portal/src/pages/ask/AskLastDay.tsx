import { Checkbox, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { isoDay } from '../../i18n/dates.ts';
import { AskFrame } from './AskFrame.tsx';
import type { AskFormProps } from './ask-form.ts';

/** A later last day, or none any more: for the reader, or for whom the page is about. */
export function AskLastDay({ whom, onSent }: Pick<AskFormProps, 'whom' | 'onSent'>): ReactNode {
  const { t } = useTranslation();
  const [lastDay, setLastDay] = useState('');
  const [none, setNone] = useState(false);
  const ask = useChange('last-day.ask', onSent);
  return (
    <AskFrame
      busy={ask.isPending}
      problem={ask.error}
      onSend={(reason) =>
        ask.mutate({ membershipId: whom?.membershipId, lastDay: none ? null : lastDay, reason })
      }
    >
      <Text size="sm">
        {whom ? t('ask.forPerson', { name: whom.displayName }) : t('askElse.lastDayMine')}
      </Text>
      {none ? null : (
        <TextInput
          type="date"
          label={t('askElse.newLastDay')}
          min={isoDay()}
          value={lastDay}
          onChange={(event) => setLastDay(event.currentTarget.value)}
          required
          data-autofocus
        />
      )}
      <Checkbox
        label={t('askElse.noLastDay')}
        checked={none}
        onChange={(event) => setNone(event.currentTarget.checked)}
      />
    </AskFrame>
  );
}
