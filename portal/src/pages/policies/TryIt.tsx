import { List, Select, Stack, Text, Timeline, Title } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { moment } from '../../i18n/dates.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { Section } from '../../page/Section.tsx';
import { titleOf } from '../requests/RequestFacts.tsx';
import { type Draft, fieldsOf, missingIn } from './draft.ts';
import { conditionWords, listed, type Words } from './policy-words.ts';

type Trial = Output<'approval-policy.try'>;
type TriedStep = Trial['steps'][number];

type Props = { organizationId: string; policyId: string | undefined; draft: Draft; words: Words };

/** What the policy, as it stands on the page, would do to a request that was made. */
export function TryIt({ organizationId, policyId, draft, words }: Props): ReactNode {
  const { t } = useTranslation();
  const [requestId, setRequestId] = useState<string | null>(null);
  const decided = useRead('request.list', { box: 'decided', limit: 50 });
  const open = useRead('request.list', { box: 'inbox', limit: 50 });
  const requests = [...(open.data?.items ?? []), ...(decided.data?.items ?? [])];
  const { applies, steps } = fieldsOf(draft);
  const ready = missingIn({ ...draft, name: 'tried' }) === undefined;
  const trial = useRead(
    'approval-policy.try',
    { organizationId, policyId, applies, steps, requestId: requestId ?? '' },
    { enabled: requestId !== null && ready, keepPrevious: true },
  );
  return (
    <Section title={t('policy.try.title')}>
      <Text size="sm" c="dimmed">
        {t('policy.try.hint')}
      </Text>
      {requests.length === 0 && !decided.isLoading ? (
        <Text size="sm">{t('policy.try.none')}</Text>
      ) : (
        <Select
          label={t('policy.try.request')}
          value={requestId}
          onChange={setRequestId}
          searchable
          data={requests.map((one) => ({
            value: one.requestId,
            label: t('policy.try.of', {
              request: titleOf(one),
              moment: moment(one.createdAt),
              state: t(`requests.state.${one.state}`),
            }),
          }))}
        />
      )}
      {requestId && !ready ? (
        <Text size="sm">{t(`policy.missing.${missingIn(draft) ?? 'approvers'}`)}</Text>
      ) : null}
      {requestId && ready ? (
        <Loaded query={trial} notAllowed={t('policy.notAllowed')} empty="never">
          {(tried) => <Outcome tried={tried} draft={draft} words={words} />}
        </Loaded>
      ) : null}
    </Section>
  );
}

function Outcome({ tried, draft, words }: { tried: Trial; draft: Draft; words: Words }): ReactNode {
  const { t } = useTranslation();
  const misses = Object.fromEntries(tried.unmet.map((name) => [name, draft.applies[name]]));
  const { what, at } = tried.nobodyActs;
  return (
    <Stack gap="sm" aria-live="polite">
      <Text fw={600}>
        {tried.unmet.length === 0
          ? t('policy.try.met')
          : t('policy.try.unmet', { parts: listed(conditionWords(words, misses)) })}
      </Text>
      {tried.steps.map((step, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: steps have no other name than their place
        <Tried key={index} step={step} number={index + 1} />
      ))}
      <Text>{t(`policy.try.ends.${what}`, { moment: moment(at) })}</Text>
    </Stack>
  );
}

function Tried({ step, number }: { step: TriedStep; number: number }): ReactNode {
  const { t } = useTranslation();
  const from = step.tried
    ? ''
    : step.usual
      ? t('policy.try.usual')
      : step.policyName
        ? t('policy.try.of-policy', { name: step.policyName })
        : t('policy.try.another');
  const name = t('policy.stepOf', { number, name: step.name });
  if (step.automatic) return <Text size="sm">{t('policy.atOnce')}</Text>;
  const named = step.levels.map(({ people, others }) => [
    ...people.map(({ displayName, deputy }) =>
      deputy ? t('policy.try.asDeputy', { name: displayName }) : displayName,
    ),
    ...(others ? [t('policy.try.others')] : []),
  ]);
  return (
    <Stack gap={6} component="section" aria-label={name}>
      <Title order={3} size="h5">
        {from ? `${name} (${from})` : name}
      </Title>
      {number > 1 ? (
        <Text size="sm">
          {t('policy.try.opens', {
            earliest: moment(step.opens.earliest),
            latest: moment(step.opens.latest),
          })}
        </Text>
      ) : null}
      <List size="sm" spacing={2}>
        {named.map((who, at) =>
          at === 0 ? (
            <List.Item key="now">
              {who.length > 0 ? t('policy.try.now', { names: listed(who) }) : t('policy.try.nowNobody')}
            </List.Item>
          ) : who.length > 0 ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: levels have no other name than their place
            <List.Item key={at}>{t('policy.try.alsoThen', { names: listed(who) })}</List.Item>
          ) : null,
        )}
      </List>
      <Text size="sm" fw={600}>
        {t('policy.try.ifNobody')}
      </Text>
      <Timeline bulletSize={12} lineWidth={2} active={-1}>
        {step.happens.map(({ at, what, level }) => (
          <Timeline.Item key={`${at} ${what} ${level}`}>
            <Text size="sm">
              {t('policy.try.when', { moment: moment(at), what: t(`policy.try.${what}`) })}
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
    </Stack>
  );
}
