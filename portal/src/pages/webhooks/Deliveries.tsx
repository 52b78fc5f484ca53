import { Badge, Group, Select, TextInput } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import type { Item } from '../../api/types.ts';
import { isoDay, moment } from '../../i18n/dates.ts';
import { Card, CardList } from '../../page/CardList.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { deliveryStates } from '../../routes/webhook-states.ts';
import type { EventType } from './event-types.ts';
import type { Webhook } from './webhook.ts';

type Delivery = Item<'webhook-delivery.list'>;

const colors = { waiting: 'blue.9', sent: 'teal.9', failed: 'red.9', withheld: 'gray.7' } as const;

/** What was sent and what could not be; the latter is sent again by a click. */
export function Deliveries({ webhook }: { webhook: Webhook }): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: '/webhooks/$webhookId' });
  const { state, cursor } = useSearch({ from: '/shell/webhooks/$webhookId' });
  const query = useRead(
    'webhook-delivery.list',
    { webhookId: webhook.id, state, cursor, limit: 20 },
    // What waits is watched until it has arrived.
    {
      keepPrevious: true,
      refetchEveryMs: (page) => (page?.items.some((one) => one.state === 'waiting') ? 3000 : false),
    },
  );
  const replay = useChange('webhook-delivery.replay', ({ replayed }) =>
    sayDone(t('webhooks.replayed', { count: replayed })),
  );
  const blocked = webhook.state === 'active' ? false : t('webhooks.isOff');
  return (
    <Section title={t('webhooks.deliveries')}>
      <Group align="flex-end" justify="space-between" gap="sm">
        <Select
          label={t('webhooks.show')}
          placeholder={t('webhooks.all')}
          clearable
          clearButtonProps={{ 'aria-label': t('picker.clear') }}
          value={state ?? null}
          onChange={(to) =>
            void navigate({ search: { state: deliveryStates.find((one) => one === to) }, replace: true })
          }
          data={deliveryStates.map((value) => ({ value, label: t(`webhooks.state.${value}`) }))}
        />
        {state === 'failed' ? (
          <ReplayAll
            blocked={blocked}
            busy={replay.isPending}
            onReplay={(since) => replay.mutate({ webhookId: webhook.id, since })}
          />
        ) : null}
      </Group>
      <ActProblem problem={replay.error} />
      <Loaded
        query={query}
        notAllowed={t('webhooks.notAllowed')}
        empty={{
          when: (page) => page.items.length === 0,
          title: t('webhooks.nothingSent'),
          text: t('webhooks.nothingSentText'),
          action: null,
        }}
      >
        {(page) => (
          <CardList
            label={t('webhooks.deliveries')}
            gap="xs"
            next={
              page.next ? (
                <ButtonLink
                  to="/webhooks/$webhookId"
                  params={{ webhookId: webhook.id }}
                  search={{ state, cursor: page.next }}
                  variant="default"
                  size="xs"
                >
                  {t('table.next')}
                </ButtonLink>
              ) : null
            }
          >
            {page.items.map((one) => (
              <Row
                key={one.id}
                delivery={one}
                blocked={blocked}
                onReplay={() => replay.mutate({ webhookId: webhook.id, deliveryIds: [one.id] })}
              />
            ))}
          </CardList>
        )}
      </Loaded>
    </Section>
  );
}

function Row({
  delivery,
  blocked,
  onReplay,
}: {
  delivery: Delivery;
  blocked: string | false;
  onReplay: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const { eventType, state, attempts, createdAt, lastStatus, problem, nextAt } = delivery;
  const what =
    eventType === 'webhook.test' ? t('webhooks.aTest') : t(`webhooks.type.${eventType as EventType}`);
  return (
    <Card
      name={what}
      beside={<Badge color={colors[state]}>{t(`webhooks.state.${state}`)}</Badge>}
      facts={[
        moment(createdAt),
        attempts > 0 ? t('webhooks.attempts', { count: attempts }) : '',
        lastStatus ? t('webhooks.status', { status: lastStatus }) : '',
        problem && !lastStatus && isProblem(problem) ? t(`webhooks.problem.${problem}`) : '',
        state === 'waiting' && nextAt && attempts > 0 ? t('webhooks.nextAt', { when: moment(nextAt) }) : '',
      ]}
      acts={
        state === 'failed' ? (
          <ActButton
            size="xs"
            variant="default"
            blocked={blocked}
            aria-label={t('webhooks.replayOf', { what, when: moment(createdAt) })}
            onClick={onReplay}
          >
            {t('webhooks.replay')}
          </ActButton>
        ) : null
      }
    />
  );
}

/** All dead letters since a day. */
function ReplayAll({
  blocked,
  busy,
  onReplay,
}: {
  blocked: string | false;
  busy: boolean;
  onReplay: (since: string) => void;
}): ReactNode {
  const { t } = useTranslation();
  const [since, setSince] = useState(isoDay(-7));
  return (
    <Group align="flex-end" gap="xs">
      <TextInput
        type="date"
        label={t('webhooks.since')}
        value={since}
        max={isoDay()}
        onChange={(event) => setSince(event.currentTarget.value)}
      />
      <ActButton
        variant="default"
        blocked={blocked || (since ? false : t('webhooks.chooseDay'))}
        loading={busy}
        onClick={() => onReplay(new Date(`${since}T00:00:00`).toISOString())}
      >
        {t('webhooks.replayAll')}
      </ActButton>
    </Group>
  );
}

/** Why nothing came back, as the server says it. */
const problems = [
  'not-an-address',
  'not-https',
  'credentials-in-address',
  'port-not-allowed',
  'address-not-allowed',
  'name-not-found',
  'timeout',
  'unreachable',
  'no-trust',
  'too-large',
  'switched-off',
  'sealed',
] as const;
const isProblem = (text: string): text is (typeof problems)[number] =>
  (problems as readonly string[]).includes(text);
