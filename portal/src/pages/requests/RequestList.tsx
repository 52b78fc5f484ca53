import { Badge, Group, Paper, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { moment } from '../../i18n/dates.ts';
import { deciderOf, type Request, RequestFacts } from './RequestFacts.tsx';
import { WithdrawButton } from './WithdrawButton.tsx';

const colors: Record<Request['state'], string> = {
  open: 'indigo.8',
  approved: 'teal.9',
  refused: 'red.9',
  withdrawn: 'gray.7',
  ended: 'gray.7',
};

export function StateBadge({ state }: Pick<Request, 'state'>): ReactNode {
  const { t } = useTranslation();
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
            <StateBadge state={request.state} />
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
          {request.state === 'open' && request.mine ? <WithdrawButton request={request} /> : null}
        </Paper>
      ))}
    </Stack>
  );
}
