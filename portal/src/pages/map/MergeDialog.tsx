import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ActProblem } from '../../page/ProblemState.tsx';
import { TakeButton } from '../../parts/ActButton.tsx';
import { ChangePreview, usePreviewedChange } from '../../parts/ChangePreview.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';

type Props = {
  organization: { id: string; name: string; version: number };
  onClose: () => void;
  /** the one that has everything now */
  onDone: (intoId: string) => void;
};

/** Makes an organization part of another, which takes its people and what is below it; it is closed. */
export function MergeDialog({ organization, onClose, onDone }: Props): ReactNode {
  const { t } = useTranslation();
  const { id, name, version } = organization;
  const [into, setInto] = useState<{ id: string; name: string }>();
  const merge = usePreviewedChange(
    'organization.merge',
    into ? { organizationId: id, intoId: into.id } : undefined,
    () => {
      sayDone(t('merge.done', { name, into: into?.name ?? '' }));
      onClose();
      if (into) onDone(into.id);
    },
  );
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t('merge.title', { name })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Stack>
        <Text size="sm">{t('merge.lead', { name })}</Text>
        <OrganizationPicker
          label={t('merge.into')}
          required
          value={into?.id ?? null}
          known={into}
          onChange={(_, found) => {
            merge.reset();
            setInto(found);
          }}
        />
        {into ? <ChangePreview query={merge.preview} refusal={merge.refusal} tried={merge.tried} /> : null}
        <ActProblem problem={merge.problem} tried={merge.tried} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <TakeButton
            blocked={into ? merge.blocked : t('merge.chooseFirst')}
            loading={merge.busy}
            onClick={() => merge.save(version)}
          >
            {t('merge.do')}
          </TakeButton>
        </Group>
      </Stack>
    </Modal>
  );
}
