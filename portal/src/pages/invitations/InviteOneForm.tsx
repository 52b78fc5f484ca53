import { Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { RefusedLine } from '../../page/RefusedLine.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { noTerms, TermsFold, toInput } from './Terms.tsx';

type Props = { organizationId: string; organizationName: string };

export function InviteOneForm({ organizationId, organizationName }: Props): ReactNode {
  const { t } = useTranslation();
  const [email, setEmail] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [terms, setTerms] = useState(noTerms);
  const [refusal, setRefusal] = useState('');
  const [sent, setSent] = useState<string[]>([]);
  const box = useRef<HTMLInputElement>(null);
  const invite = useChange('invitation.create', ({ results }) => {
    const [result] = results;
    if (result?.refusal) return setRefusal(result.refusal.text);
    sayDone(t('invite.sent', { email }));
    setSent([email, ...sent]);
    setEmail('');
    setDisplayName('');
    box.current?.focus();
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setRefusal('');
        invite.mutate({
          organizationId,
          people: [{ email, displayName: displayName.trim() }],
          ...toInput(terms),
        });
      }}
    >
      <Stack>
        <TextInput
          ref={box}
          type="email"
          label={t('invite.email')}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          required
          autoFocus
          autoComplete="off"
        />
        <TextInput
          label={t('invite.name')}
          description={t('appoint.nameHint')}
          value={displayName}
          onChange={(event) => setDisplayName(event.currentTarget.value)}
          maxLength={200}
          autoComplete="off"
        />
        <TermsFold organizationId={organizationId} value={terms} onChange={setTerms} withMessage />
        <ActProblem problem={invite.error} />
        {refusal ? <RefusedLine text={refusal} /> : null}
        <GiveButton
          type="submit"
          blocked={false}
          loading={invite.isPending}
          style={{ alignSelf: 'flex-start' }}
        >
          {t('invite.doOne')}
        </GiveButton>
        {sent.length > 0 ? (
          <Text size="sm" role="status">
            {t('invite.sentSoFar', { emails: sent.join(', '), organization: organizationName })}{' '}
            <ButtonLink to="/invitations" search={{ organizationId }} variant="subtle" size="compact-sm">
              {t('invite.seeAll')}
            </ButtonLink>
          </Text>
        ) : null}
      </Stack>
    </form>
  );
}
