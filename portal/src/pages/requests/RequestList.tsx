import { Badge, Group, Paper, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { moment } from '../../i18n/dates.ts';
import { ButtonLink } from '../../parts/links.tsx';
import { deciderOf, type Request, RequestFacts, whatOf } from './RequestFacts.tsx';
import { WithdrawButton } from './WithdrawButton.tsx';

const colors: Record<Request['state'], string> = {
  open: 'indigo.8',
  approved: 'teal.9',
  refused: 'red.9',
  withdrawn: 'gray.7',
  ended: 'gray.7',
};

/** What became of it; one that waits for the reader's answer says so. */
export function StateBadge({ state, asksYou }: Pick<Request, 'state' | 'asksYou'>): ReactNode {
  const { t } = useTranslation();
  if (asksYou) return <Badge color="orange.9">{t('requests.state.asksYou')}</Badge>;
  return <Badge color={colors[state]}>{t(`requests.state.${state}`)}</Badge>;
}

/** Requests that are decided, or that are one's own and wait. */
export function RequestList({ requests, label }: { requests: readonly Request[]; label: string }): ReactNode {
  const { t } = useTranslation();
  return (
    <Stack component="ul" p={0} m={0} style={{ listStyle: 'none' }} aria-label={label}>
      {requests.map((request) => (
        <Paper component="li" withBorder p="md" key={request.requestId}>
          <Group justify="space-between" align="flex-start">
            <RequestFacts request={request} />
            <StateBadge {...request} />
          </Group>
          {request.decidedAt ? (
            <Text size="sm" mt="xs">
              {request.decidedBy
                ? t('requests.decidedBy', {
                    name: deciderOf(request.decidedBy, request.decidedFor),
                    when: moment(request.decidedAt),
                  })
                : t('requests.decidedOn', { when: moment(request.decidedAt) })}
              {request.note ? ` “${request.note}”` : ''}
            </Text>
          ) : null}
          <Group gap="xs" mt={request.asksYou || (request.state === 'open' && request.mine) ? 'sm' : 0}>
            {request.asksYou ? <AnswerLink request={request} /> : null}
            {request.state === 'open' && request.mine ? <WithdrawButton request={request} /> : null}
          </Group>
        </Paper>
      ))}
    </Stack>
  );
}

/** To the question, and the place to answer it. */
export function AnswerLink({ request }: { request: Request }): ReactNode {
  const { t } = useTranslation();
  return (
    <ButtonLink
      to="/requests/$requestId"
      params={{ requestId: request.requestId }}
      size="xs"
      aria-label={t('myRequests.answerOf', { what: whatOf(request) })}
    >
      {t('myRequests.answer')}
    </ButtonLink>
  );
}
