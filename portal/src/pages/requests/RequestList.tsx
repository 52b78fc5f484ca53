import { Badge, Group, Paper, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { moment } from '../../i18n/dates.ts';
import { TakeButton } from '../../parts/ActButton.tsx';
import { sayDone, sayProblem } from '../../parts/undo-toast.tsx';
import { type Request, RequestFacts, whatOf } from './RequestFacts.tsx';

const colors: Record<Request['state'], string> = {
  open: 'indigo.8',
  approved: 'teal.9',
  refused: 'red.9',
  withdrawn: 'gray.7',
  ended: 'gray.7',
};

/** Requests that are decided, or that are one's own and wait. */
export function RequestList({ requests, label }: { requests: readonly Request[]; label: string }): ReactNode {
  const { t } = useTranslation();
  const withdraw = useChange('request.withdraw', () => sayDone(t('requests.withdrawn')));
  return (
    <Stack component="ul" p={0} m={0} style={{ listStyle: 'none' }} aria-label={label}>
      {requests.map((request) => (
        <Paper component="li" withBorder p="md" key={request.requestId}>
          <Group justify="space-between" align="flex-start">
            <RequestFacts request={request} />
            <Badge color={colors[request.state]}>{t(`requests.state.${request.state}`)}</Badge>
          </Group>
          {request.decidedAt ? (
            <Text size="sm" mt="xs">
              {request.decidedBy
                ? t('requests.decidedBy', { name: request.decidedBy, when: moment(request.decidedAt) })
                : t('requests.decidedOn', { when: moment(request.decidedAt) })}
              {request.note ? ` “${request.note}”` : ''}
            </Text>
          ) : null}
          {request.state === 'open' && request.mine ? (
            <TakeButton
              mt="sm"
              size="xs"
              blocked={false}
              loading={withdraw.isPending && withdraw.variables.requestId === request.requestId}
              aria-label={t('requests.withdrawOf', { what: whatOf(request) })}
              onClick={() =>
                withdraw.mutate(
                  { requestId: request.requestId, ifVersion: request.version },
                  { onError: sayProblem },
                )
              }
            >
              {t('requests.withdraw')}
            </TakeButton>
          ) : null}
        </Paper>
      ))}
    </Stack>
  );
}
