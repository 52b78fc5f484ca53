import { Button, Group, Stack, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { RefusedLine } from '../../page/RefusedLine.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { ChangePreview, usePreviewedChange } from '../../parts/ChangePreview.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { AppointPreview } from './AppointPreview.tsx';
import { firstTerms, type Terms, TermsFields } from './AppointTerms.tsx';
import type { Organization } from './organization.ts';
import { type Who, WhoField } from './WhoField.tsx';

/** Who, and folded: what they may do, hand out and pass on, until when. Says what it means before it is saved. */
export function AppointForm({
  organization,
  onClose,
}: {
  organization: Organization;
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const [who, setWho] = useState<Who>();
  const [displayName, setDisplayName] = useState('');
  const [terms, setTerms] = useState<Terms>(firstTerms);
  const [refused, setRefused] = useState(false);
  const invite = useChange('invitation.create', ({ results }) => {
    const refusal = results[0]?.refusal;
    if (refusal) return setInviteRefusal(refusal.text);
    sayDone(t('appoint.invited', { email: results[0]?.email ?? '' }));
    onClose();
  });
  const [inviteRefusal, setInviteRefusal] = useState('');
  const what = {
    adminRoleId: terms.adminRoleId,
    entitlements: terms.handOut,
    mayPassOn: terms.mayPassOn,
  };
  const create = usePreviewedChange(
    'delegation.create',
    who?.kind === 'person' && !refused
      ? {
          organizationId: organization.id,
          delegate: { membershipId: who.membershipId },
          ...what,
          lastDay: terms.untilDay || undefined,
        }
      : undefined,
    (made) => {
      sayDone(made.sentence);
      onClose();
    },
  );
  const blocked = !who
    ? t('appoint.chooseFirst')
    : refused
      ? t('appoint.refused')
      : who.kind === 'person'
        ? create.blocked
        : false;
  const appoint = (): void => {
    if (blocked !== false) return;
    setInviteRefusal('');
    if (who?.kind === 'person') create.save();
    if (who?.kind === 'invite')
      invite.mutate({
        organizationId: organization.id,
        people: [{ email: who.email, ...(displayName.trim() ? { displayName: displayName.trim() } : {}) }],
        manager: { ...what, ...(terms.untilDay ? { lastDay: terms.untilDay } : {}) },
      });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        appoint();
      }}
    >
      <Stack>
        <WhoField
          label={t('appoint.who')}
          description={t('appoint.whoHint')}
          organizationId={organization.id}
          onChange={setWho}
          mayInvite={organization.may.includes('user.invite')}
        />
        {who?.kind === 'invite' ? (
          <TextInput
            label={t('appoint.name')}
            description={t('appoint.nameHint')}
            value={displayName}
            maxLength={200}
            onChange={(event) => setDisplayName(event.currentTarget.value)}
          />
        ) : null}
        <TermsFields organizationId={organization.id} value={terms} onChange={setTerms} />
        <AppointPreview organization={organization} who={who} what={what} onRefused={setRefused} />
        {who?.kind === 'person' && !refused ? (
          <ChangePreview query={create.preview} refusal={create.refusal} tried={create.tried} />
        ) : null}
        <ActProblem problem={create.problem ?? invite.error} />
        {inviteRefusal ? <RefusedLine text={inviteRefusal} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <GiveButton type="submit" loading={create.busy || invite.isPending} blocked={blocked}>
            {who?.kind === 'invite' ? t('appoint.doInvite') : t('appoint.do')}
          </GiveButton>
        </Group>
      </Stack>
    </form>
  );
}
