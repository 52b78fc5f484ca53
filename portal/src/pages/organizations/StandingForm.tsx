import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { isoDay } from '../../i18n/dates.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { ChangePreview, usePreviewedChange } from '../../parts/ChangePreview.tsx';
import { type HandOut, HandOutChoice } from '../../parts/HandOutChoice.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { Organization } from './organization.ts';

/** Decides what an organization may hand out and hold; the sentence says it back before it is saved. */
export function StandingForm({
  organization,
  onClose,
}: {
  organization: Organization;
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const [handOut, setHandOut] = useState<HandOut>({ applicationIds: [] });
  const [untilDay, setUntilDay] = useState('');
  // what managers of the organization may do is theirs; this bounds it, so it holds all that the giver may pass on
  const roles = useRead('admin-role.list', {});
  const manager = roles.data?.items.find(({ key }) => key === 'delegated-manager');
  const input = {
    organizationId: organization.id,
    delegate: 'organization' as const,
    adminRoleId: manager?.id,
    entitlements: handOut,
    lastDay: untilDay || undefined,
  };
  const preview = useRead('delegation.preview', input, {
    enabled: manager !== undefined,
    keepPrevious: true,
  });
  const create = usePreviewedChange(
    'delegation.create',
    preview.data && !preview.error && manager ? input : undefined,
    (made) => {
      sayDone(made.sentence);
      onClose();
    },
  );
  const blocked = preview.error ? preview.error.text : manager ? create.blocked : t('state.loading');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (blocked === false) create.save();
      }}
    >
      <Stack maw={640}>
        <HandOutChoice
          label={t('handOut.which', { organization: organization.name })}
          organizationId={organization.id}
          value={handOut}
          onChange={setHandOut}
          ofOrganization
        />
        <TextInput
          type="date"
          label={t('appoint.until')}
          description={t('appoint.untilHint')}
          min={isoDay(1)}
          value={untilDay}
          onChange={(event) => setUntilDay(event.currentTarget.value)}
        />
        {preview.data && !preview.error ? (
          <>
            <Text role="status">{preview.data.sentence}</Text>
            <ChangePreview query={create.preview} refusal={create.refusal} tried={create.tried} />
          </>
        ) : null}
        <ActProblem problem={create.problem ?? preview.error} />
        <Group>
          <GiveButton type="submit" loading={create.busy} blocked={blocked}>
            {t('handOut.do')}
          </GiveButton>
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
