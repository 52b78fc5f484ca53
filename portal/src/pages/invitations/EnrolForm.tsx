import { Button, Group, Stack, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { CodeSheet } from '../../parts/CodeSheet.tsx';
import { noTerms, TermsFold, toInput } from './Terms.tsx';

/** Somebody without e-mail: a user name, and a one-time code on paper. */
export function EnrolForm({
  organizationId,
}: {
  organizationId: string;
  organizationName: string;
}): ReactNode {
  const { t } = useTranslation();
  const [displayName, setDisplayName] = useState('');
  const [userName, setUserName] = useState('');
  const [terms, setTerms] = useState(noTerms);
  const enrol = useChange('user.enrol');
  if (enrol.data)
    return (
      <Stack>
        <CodeSheet {...enrol.data} personName={enrol.data.displayName} />
        <Group>
          <Button
            variant="default"
            onClick={() => {
              enrol.reset();
              setDisplayName('');
              setUserName('');
            }}
          >
            {t('invite.enrolAnother')}
          </Button>
        </Group>
      </Stack>
    );
  const { message: _, ...rest } = toInput(terms);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        enrol.mutate({ organizationId, userName: userName.trim(), displayName, ...rest });
      }}
    >
      <Stack>
        <TextInput
          label={t('invite.fullName')}
          value={displayName}
          onChange={(event) => setDisplayName(event.currentTarget.value)}
          required
          maxLength={200}
          autoFocus
          autoComplete="off"
        />
        <TextInput
          label={t('field.userName')}
          description={t('invite.userNameHint')}
          value={userName}
          onChange={(event) => setUserName(event.currentTarget.value)}
          required
          maxLength={100}
          autoComplete="off"
          autoCapitalize="none"
        />
        <TermsFold organizationId={organizationId} value={terms} onChange={setTerms} withMessage={false} />
        <ActProblem problem={enrol.error} />
        <GiveButton
          type="submit"
          blocked={false}
          loading={enrol.isPending}
          style={{ alignSelf: 'flex-start' }}
        >
          {t('invite.doEnrol')}
        </GiveButton>
      </Stack>
    </form>
  );
}
