import { Alert, Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import { ChangePreview, usePreviewedChange } from '../../parts/ChangePreview.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';

type Preview = Output<'organization.move-preview'>;
type Props = { organization: { id: string; name: string; version: number }; onClose: () => void };

/** Puts an organization below another, with what would be given again or end; then exactly that, or nothing. */
export function MoveDialog({ organization, onClose }: Props): ReactNode {
  const { t } = useTranslation();
  const { id, name } = organization;
  const [to, setTo] = useState<{ id: string; name: string }>();
  const preview = useRead(
    'organization.move-preview',
    { organizationId: id, parentId: to?.id ?? '' },
    { enabled: to !== undefined },
  );
  const nothing = preview.data?.organizations === 0;
  const move = usePreviewedChange(
    'organization.move',
    to && preview.data && !nothing ? { organizationId: id, parentId: to.id } : undefined,
    () => {
      sayDone(t('move.done', { name, to: to?.name ?? '' }));
      onClose();
    },
  );
  const { refetch } = preview;
  useEffect(() => {
    if (move.refusal) void refetch();
  }, [move.refusal, refetch]);
  const blocked = !to
    ? t('move.chooseFirst')
    : preview.error
      ? preview.error.text
      : nothing
        ? t('move.there', { name, to: to.name })
        : preview.data && !preview.isFetching
          ? move.blocked
          : t('changePreview.wait');
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t('move.title', { name })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Stack>
        <Text size="sm">{t('move.lead', { name })}</Text>
        <OrganizationPicker
          label={t('move.to')}
          required
          value={to?.id ?? null}
          known={to}
          onChange={(_, found) => {
            move.reset();
            setTo(found);
          }}
        />
        {to && preview.error ? <ActProblem problem={preview.error} /> : null}
        {to && preview.data && !nothing ? <WhatHappens preview={preview.data} name={name} /> : null}
        {to && preview.data && !nothing ? (
          <ChangePreview query={move.preview} refusal={move.refusal} tried={move.tried} />
        ) : null}
        <ActProblem problem={move.problem} tried={move.tried} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <ActButton blocked={blocked} loading={move.busy} onClick={() => move.save()}>
            {t('move.do')}
          </ActButton>
        </Group>
      </Stack>
    </Modal>
  );
}

function WhatHappens({ preview, name }: { preview: Preview; name: string }): ReactNode {
  const { t } = useTranslation();
  return (
    <Alert color="indigo" variant="outline" c="inherit" role="status" title={t('move.delegations')}>
      <Stack gap="xs">
        <Text size="sm">{t('move.goAlong', { name, count: preview.organizations - 1 })}</Text>
        {preview.delegations.length > 0 ? (
          <List size="sm" spacing={4}>
            {preview.delegations.map((one) => (
              <List.Item key={one.delegationId}>
                <strong>{t(`move.outcome.${one.outcome}`)}</strong> {one.sentence}
              </List.Item>
            ))}
          </List>
        ) : (
          <Text size="sm">{t('move.allStand')}</Text>
        )}
        {preview.access.length > 0 ? (
          <List size="sm" spacing={4} aria-label={t('move.access')}>
            {preview.access.map((one) => (
              <List.Item key={`${one.applicationName} ${one.name}`}>
                {t('move.accessLost', {
                  count: one.people,
                  role: one.name,
                  application: one.applicationName,
                })}
              </List.Item>
            ))}
          </List>
        ) : null}
        {preview.elsewhere ? <Text size="sm">{t('changePreview.outside')}</Text> : null}
      </Stack>
    </Alert>
  );
}
