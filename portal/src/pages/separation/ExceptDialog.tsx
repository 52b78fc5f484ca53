import { Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isoDay } from '../../i18n/dates.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { ChangePreview, usePreviewedChange } from '../../parts/ChangePreview.tsx';
import { FormDialog } from '../../parts/FormDialog.tsx';
import { PersonPicker } from '../../parts/PersonPicker.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';

type Props = {
  separation: { id: string; name: string; organizationId?: string };
  /** from whose row it was opened */
  person: { membershipId: string; displayName: string } | undefined;
  onClose: () => void;
};

/** Approves that one person has together, until a day, what is kept apart. */
export function ExceptDialog({ separation, person: given, onClose }: Props): ReactNode {
  const { t } = useTranslation();
  const [person, setPerson] = useState(given);
  const [asker, setAsker] = useState<{ membershipId: string; displayName: string }>();
  const [untilDay, setUntilDay] = useState('');
  const [reason, setReason] = useState('');
  const input =
    person && untilDay && reason.trim()
      ? {
          separationId: separation.id,
          membershipId: person.membershipId,
          ...(asker ? { askedByMembershipId: asker.membershipId } : {}),
          lastDay: untilDay,
          reason: reason.trim(),
        }
      : undefined;
  const change = usePreviewedChange('separation.except', input, (made) => {
    sayDone(t('separation.excepted', { name: made.displayName }));
    onClose();
  });
  const blocked = input ? change.blocked : t('separation.exceptFirst');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (blocked === false) change.save();
  };
  return (
    <FormDialog opened onClose={onClose} title={t('separation.exceptOf', { name: separation.name })}>
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">{t('separation.exceptLead')}</Text>
          <PersonPicker
            label={t('separation.forWhom')}
            required
            {...(separation.organizationId ? { organizationId: separation.organizationId } : {})}
            value={person?.membershipId ?? null}
            known={person}
            onChange={(membershipId, found) =>
              setPerson(membershipId && found ? { membershipId, displayName: found.displayName } : undefined)
            }
          />
          <PersonPicker
            label={t('separation.askedBy')}
            description={t('separation.askedByHint')}
            value={asker?.membershipId ?? null}
            known={asker}
            onChange={(membershipId, found) =>
              setAsker(membershipId && found ? { membershipId, displayName: found.displayName } : undefined)
            }
          />
          <TextInput
            type="date"
            label={t('separation.until')}
            description={t('separation.untilHint')}
            required
            min={isoDay(0)}
            max={isoDay(364)}
            value={untilDay}
            onChange={(event) => setUntilDay(event.currentTarget.value)}
          />
          <Textarea
            label={t('separation.reason')}
            required
            autosize
            maxLength={1000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {input ? (
            <ChangePreview query={change.preview} refusal={change.refusal} tried={change.tried} />
          ) : null}
          <ActProblem problem={change.problem} tried={change.tried} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <GiveButton type="submit" blocked={blocked} loading={change.busy}>
              {t('separation.exceptDo')}
            </GiveButton>
          </Group>
        </Stack>
      </form>
    </FormDialog>
  );
}
