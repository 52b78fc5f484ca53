import { TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { isoDay } from '../../i18n/dates.ts';
import { AskFrame } from './AskFrame.tsx';
import type { AskFormProps } from './ask-form.ts';
import { PlaceField, useOwnPlace } from './PlaceField.tsx';

/** Somebody new, where the reader may not invite. They get the usual invitation once somebody says yes. */
export function AskAccount({ at, onSent }: AskFormProps): ReactNode {
  const { t } = useTranslation();
  const own = useOwnPlace();
  const [place, setPlace] = useState(at ?? own);
  const [displayName, setName] = useState('');
  const [email, setEmail] = useState('');
  const [title, setTitle] = useState('');
  const [lastDay, setLastDay] = useState('');
  const ask = useChange('account.ask', onSent);
  return (
    <AskFrame
      busy={ask.isPending}
      problem={ask.error}
      onSend={(reason) =>
        ask.mutate({
          organizationId: place.id,
          email,
          displayName,
          title,
          reason,
          lastDay: lastDay || undefined,
        })
      }
    >
      <PlaceField label={t('field.organization')} value={place} onChange={setPlace} />
      <TextInput
        label={t('field.name')}
        value={displayName}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={200}
        data-autofocus
      />
      <TextInput
        type="email"
        label={t('field.email')}
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
        required
      />
      <TextInput
        label={t('field.title')}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
        maxLength={200}
      />
      <TextInput
        type="date"
        label={t('field.lastDay')}
        min={isoDay()}
        value={lastDay}
        onChange={(event) => setLastDay(event.currentTarget.value)}
      />
    </AskFrame>
  );
}
