import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { isoDay } from '../../i18n/dates.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { nameOf, type Offer } from './AskPage.tsx';

export function AskDialog({ offer, onClose }: { offer: Offer | undefined; onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  return (
    <Modal
      opened={offer !== undefined}
      onClose={onClose}
      title={offer ? t('ask.dialog', { name: nameOf(offer) }) : ''}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {offer ? <AskForm key={offer.id} offer={offer} onClose={onClose} /> : null}
    </Modal>
  );
}

function AskForm({ offer, onClose }: { offer: Offer; onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState('');
  const ask = useChange('request.create', () => {
    onClose();
    sayDone(t('ask.sent', { name: nameOf(offer) }));
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        ask.mutate({
          ...(offer.kind === 'entitlement' ? { entitlementId: offer.id } : { accessRoleId: offer.id }),
          reason: reason.trim(),
          ...(until ? { until: new Date(`${until}T23:59:59`).toISOString() } : {}),
        });
      }}
    >
      <Stack>
        {offer.description ? <Text size="sm">{offer.description}</Text> : null}
        <Textarea
          label={t('ask.reason')}
          description={t('ask.reasonHint')}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          maxLength={1000}
          autosize
          minRows={2}
          data-autofocus
        />
        <TextInput
          type="date"
          label={t('access.until')}
          description={t('access.untilHint')}
          min={isoDay()}
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
        <ActProblem problem={ask.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={ask.isPending}>
            {t('ask.send')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
