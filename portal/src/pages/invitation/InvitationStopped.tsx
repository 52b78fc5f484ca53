import { Alert, Button, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { Page } from '../../page/Page.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { ButtonLink, TextLink } from '../../parts/links.tsx';

type Props = { token: string; code: string; text: string | undefined; asked: boolean };

/** An invitation that cannot be accepted: says why, and what to do next. */
export function InvitationStopped({ token, code, text, asked }: Props): ReactNode {
  const { t } = useTranslation();
  const again = useChange('invitation.ask-again');
  const used = code === 'invitation.accepted' || code === 'invitation.used';
  const hasAsked = asked || again.isSuccess;
  // a link that was never right leads to nobody who could be asked
  const mayAsk = code === 'invitation.expired' || code === 'invitation.dead' || code === 'invitation.revoked';
  return (
    <Page title={t('invitation.stopped')}>
      <Stack>
        <Alert color="gray" variant="outline" c="inherit">
          <Text size="sm">{text ?? t(`invitation.why.${stopOf(code)}`)}</Text>
        </Alert>
        {used ? <ButtonLink to="/sign-in">{t('signIn.do')}</ButtonLink> : null}
        {mayAsk && !hasAsked ? (
          <Button loading={again.isPending} onClick={() => again.mutate({ token })}>
            {t('invitation.askAgain')}
          </Button>
        ) : null}
        {mayAsk && hasAsked ? <Text role="status">{t('invitation.asked')}</Text> : null}
        <ActProblem problem={again.error} />
        {used ? (
          <TextLink to="/recover" size="sm">
            {t('signIn.forgot')}
          </TextLink>
        ) : null}
      </Stack>
    </Page>
  );
}

const stops = ['accepted', 'expired', 'revoked', 'dead'] as const;

function stopOf(code: string): (typeof stops)[number] | 'unknown' {
  return stops.find((stop) => code === `invitation.${stop}`) ?? 'unknown';
}
