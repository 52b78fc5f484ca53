import { Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isoDay } from '../../i18n/dates.ts';
import { TakeButton } from '../../parts/ActButton.tsx';
import { PreviewedDialog } from '../../parts/PreviewedDialog.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';

/** Takes back what somebody gave since a day: managers, access, invitations; who loses what is shown first. */
export function TakeBack({
  membershipId,
  name,
  blocked,
}: {
  membershipId: string;
  name: string;
  blocked: string | false;
}): ReactNode {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  const [since, setSince] = useState(isoDay(-7));
  return (
    <>
      <TakeButton
        blocked={blocked}
        why={{ permission: 'delegation.end', membershipId }}
        onClick={() => setOpened(true)}
      >
        {t('takeBack.open')}
      </TakeButton>
      <PreviewedDialog
        opened={opened}
        onClose={() => setOpened(false)}
        operation="delegation.take-back"
        input={{ membershipId, sinceDay: since }}
        title={t('takeBack.title', { name })}
        text={
          <Stack gap="sm">
            <Text size="sm">{t('takeBack.text', { name })}</Text>
            <TextInput
              type="date"
              label={t('takeBack.since')}
              max={isoDay()}
              required
              value={since}
              onChange={(event) => setSince(event.currentTarget.value || isoDay(-7))}
            />
          </Stack>
        }
        confirm={t('takeBack.do')}
        onDone={() => sayDone(t('takeBack.done', { name }))}
      />
    </>
  );
}
