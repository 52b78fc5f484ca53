import { Textarea, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { AskFrame } from './AskFrame.tsx';
import type { AskFormProps } from './ask-form.ts';
import { PlaceField, useOwnPlace } from './PlaceField.tsx';

/** An organization below one that the reader belongs to or sees. */
export function AskOrganization({ at, onSent }: AskFormProps): ReactNode {
  const { t } = useTranslation();
  const own = useOwnPlace();
  const [parent, setParent] = useState(at ?? own);
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const ask = useChange('organization.ask', onSent);
  return (
    <AskFrame
      busy={ask.isPending}
      problem={ask.error}
      onSend={(reason) => ask.mutate({ parentId: parent.id, name, description: description.trim(), reason })}
    >
      <PlaceField label={t('askElse.below')} value={parent} onChange={setParent} />
      <TextInput
        label={t('field.name')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={200}
        required
        data-autofocus
      />
      <Textarea
        label={t('askElse.description')}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
        maxLength={2000}
        autosize
        minRows={2}
      />
    </AskFrame>
  );
}
