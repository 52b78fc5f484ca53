import { Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Item } from '../../api/types.ts';
import { catalogue } from '../../i18n/catalogue.ts';
import { day, moment } from '../../i18n/dates.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { Section } from '../../page/Section.tsx';
import { TextLink } from '../../parts/links.tsx';
import { titleOf, whatOf } from '../requests/RequestFacts.tsx';
import { AnswerLink, StateBadge } from '../requests/RequestList.tsx';
import { WithdrawButton } from '../requests/WithdrawButton.tsx';

type Request = Item<'request.list'>;

/** What one asked for, and what became of it. */
export function MyRequests(): ReactNode {
  const { t } = useTranslation();
  const query = useRead('request.list', { box: 'mine', limit: 20 });
  return (
    <Section title={t('myRequests.title')}>
      <Loaded
        query={query}
        notAllowed={t('state.notAllowedPage')}
        empty={{
          when: (page) => page.items.length === 0,
          title: t('myRequests.none'),
          text: t('myRequests.noneText'),
          action: null,
        }}
      >
        {(page) => (
          <Stack
            component="ul"
            gap="xs"
            m={0}
            p={0}
            style={{ listStyle: 'none' }}
            aria-label={t('myRequests.title')}
          >
            {page.items.map((request) => (
              <RequestRow key={request.requestId} request={request} />
            ))}
            {page.next ? (
              <li>
                <TextLink to="/requests" search={{ box: 'mine' }} size="sm">
                  {t('myRequests.all')}
                </TextLink>
              </li>
            ) : null}
          </Stack>
        )}
      </Loaded>
    </Section>
  );
}

function RequestRow({ request }: { request: Request }): ReactNode {
  const { t } = useTranslation();
  return (
    <Group component="li" justify="space-between" gap="xs" align="flex-start">
      <div style={{ flex: '1 1 220px', minWidth: 0 }}>
        <Group gap="xs">
          <TextLink
            to="/requests/$requestId"
            params={{ requestId: request.requestId }}
            size="sm"
            fw={600}
            style={{ overflowWrap: 'anywhere' }}
          >
            {request.forSomebodyElse || request.kind === 'ending' || request.kind === 'extension'
              ? titleOf(request)
              : whatOf(request)}
          </TextLink>
          <StateBadge {...request} />
        </Group>
        <Text size="xs" c="dimmed">
          {[t('myRequests.asked', { day: day(request.createdAt) }), ...where(request), request.note]
            .filter(Boolean)
            .join(' · ')}
        </Text>
      </div>
      {request.asksYou ? <AnswerLink request={request} /> : null}
      {request.state === 'open' && request.mine ? <WithdrawButton request={request} /> : null}
    </Group>
  );
}

/** Where it is and until when: the step and its time, while it is open. Who has it says the request's own page. */
function where({ state, step, steps, dueAt }: Request): string[] {
  if (state !== 'open' || !step) return [];
  const due = steps[step.number - 1]?.dueAt;
  return [
    catalogue.t('myRequests.step', { number: step.number, of: step.of, name: step.name }),
    due ? catalogue.t('myRequests.due', { when: moment(due) }) : '',
    dueAt ? catalogue.t('myRequests.endsAt', { when: moment(dueAt) }) : '',
  ];
}
