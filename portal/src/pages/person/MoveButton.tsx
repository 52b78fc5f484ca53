import { Stack, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { TakeButton } from '../../parts/ActButton.tsx';
import { ChangePreview, usePreviewedChange } from '../../parts/ChangePreview.tsx';
import { ConsequenceDialog } from '../../parts/ConsequenceDialog.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { Person } from './person.ts';

/** Somebody goes to another organization: where, their title there, and who gains or loses what, before it is done. */
export function MoveButton({ person }: { person: Person }): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [opened, setOpened] = useState(false);
  const [organizationId, setOrganizationId] = useState<string | null>(null);
  const [title, setTitle] = useState(person.title);
  const name = person.user.displayName;
  const input =
    organizationId === null || organizationId === person.organization.id
      ? undefined
      : { membershipId: person.membershipId, organizationId, title };
  const move = usePreviewedChange('membership.move', opened ? input : undefined, ({ membershipId }) => {
    setOpened(false);
    sayDone(t('movePerson.done', { name }));
    void navigate({ to: '/people/$membershipId', params: { membershipId } });
  });
  const mayBoth = person.may.includes('membership.end') && person.may.includes('user.invite');
  if (!mayBoth || person.isSelf || !['active', 'no-sign-in'].includes(person.state)) return null;
  return (
    <>
      <TakeButton blocked={false} onClick={() => setOpened(true)}>
        {t('movePerson.open')}
      </TakeButton>
      <ConsequenceDialog
        opened={opened}
        onClose={() => {
          move.reset();
          setOpened(false);
        }}
        title={t('movePerson.title', { name, organization: person.organization.name })}
        consequence={
          <Stack gap="sm">
            <OrganizationPicker
              label={t('movePerson.where')}
              description={t('movePerson.whereHint')}
              value={organizationId}
              onChange={setOrganizationId}
              required
            />
            <TextInput
              label={t('movePerson.titleThere')}
              value={title}
              onChange={(event) => setTitle(event.currentTarget.value)}
            />
            {input ? <ChangePreview query={move.preview} refusal={move.refusal} tried={move.tried} /> : null}
          </Stack>
        }
        confirm={t('movePerson.confirm')}
        tone="ending"
        onConfirm={() => move.save(person.version)}
        busy={move.busy}
        problem={move.problem}
        tried={move.tried}
        blocked={input ? move.blocked : t('movePerson.chooseFirst')}
      />
    </>
  );
}
