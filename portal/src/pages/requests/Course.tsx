import { Stack, Text, Timeline } from '@mantine/core';
import { IconCheck, IconClock, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { queryClient } from '../../api/queries.ts';
import { moment } from '../../i18n/dates.ts';
import { TakeButton } from '../../parts/ActButton.tsx';
import { sayDone, sayProblem } from '../../parts/undo-toast.tsx';
import type { OneRequest } from './one-request.ts';
import { deciderOf } from './RequestFacts.tsx';

/** Where it is: the steps that are over, the open one with who has it until when, and those to come. */
export function Course({ request }: { request: OneRequest }): ReactNode {
  const { t } = useTranslation();
  const open = request.steps.findIndex(({ state }) => state === 'open');
  const active = open >= 0 ? open : request.steps.filter(({ state }) => state === 'done').length - 1;
  return (
    <Stack gap="md">
      <Timeline active={active} bulletSize={24} lineWidth={2} color="indigo.8">
        {request.steps.map((step, index) => (
          <Timeline.Item
            // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place in the order
            key={index}
            title={t('requestPage.step', {
              number: index + 1,
              of: request.steps.length,
              name: step.name,
              state: t(`requestPage.stepState.${step.state}`),
            })}
            bullet={
              step.state === 'done' ? (
                <IconCheck size={14} aria-hidden />
              ) : (
                <IconClock size={14} aria-hidden />
              )
            }
          >
            <Decisions request={request} step={index + 1} />
            {step.state === 'open' ? <Waits request={request} dueAt={step.dueAt} /> : null}
          </Timeline.Item>
        ))}
      </Timeline>
      {request.decidedAt && request.decisions.every(({ takenBack }) => takenBack) ? (
        <Text size="sm">{t('requestPage.endedByTime', { when: moment(request.decidedAt) })}</Text>
      ) : null}
    </Stack>
  );
}

function Waits({ request, dueAt }: { request: OneRequest; dueAt: string | null }): ReactNode {
  const { t } = useTranslation();
  const { whoDecides, beside } = request;
  const others = request.canDecide
    .slice(0, 5)
    .map(({ displayName }) => displayName)
    .join(', ');
  return (
    <Stack gap={2} mt={4}>
      {request.mayDecide ? (
        <Text size="sm">{others ? t('requestPage.youAnd', { names: others }) : t('requestPage.you')}</Text>
      ) : whoDecides ? (
        <Text size="sm">
          {t(`requestPage.whoDecides.${whoDecides.level}`, {
            organization: request.subject.organizationName,
          })}
        </Text>
      ) : null}
      {beside?.due ? (
        <Text size="sm">{t(`beside.due.${beside.due.next}`, { when: moment(beside.due.at) })}</Text>
      ) : dueAt ? (
        <Text size="sm">{t('requestPage.dueAt', { when: moment(dueAt) })}</Text>
      ) : null}
      {request.dueAt ? (
        <Text size="sm" c="dimmed">
          {t('requestPage.endsAt', { when: moment(request.dueAt) })}
        </Text>
      ) : null}
    </Stack>
  );
}

function Decisions({ request, step }: { request: OneRequest; step: number }): ReactNode {
  const { t } = useTranslation();
  const made = request.decisions.filter((one) => one.step === step);
  const last = request.decisions.findLast(({ takenBack }) => !takenBack);
  if (made.length === 0) return null;
  return (
    <Stack
      component="ul"
      gap={4}
      m={0}
      mt={4}
      p={0}
      style={{ listStyle: 'none' }}
      aria-label={t('requestPage.decisions')}
    >
      {made.map((one) => {
        const who = one.by ? deciderOf(one.by, one.forWhom) : t('requestPage.somebody');
        const act = one.approve ? 'approved' : 'refused';
        const Icon = one.approve ? IconCheck : IconX;
        return (
          <li key={one.at + act + who}>
            <Text size="sm" td={one.takenBack ? 'line-through' : undefined} component="span">
              <Icon size={14} aria-hidden /> {t(`requestPage.${act}`, { who, when: moment(one.at) })}
              {one.note ? ` “${one.note}”` : ''}
            </Text>
            {one.takenBack ? (
              <Text size="sm" component="span" c="dimmed">
                {' '}
                {t('requestPage.takenBack')}
              </Text>
            ) : null}
            {one.outdated && request.state === 'open' ? (
              <Text size="sm" component="span" c="dimmed">
                {' '}
                {t('requestPage.outdated')}
              </Text>
            ) : null}
            {one === last && one.mine && Date.now() - Date.parse(one.at) < 10_000 ? (
              <UndoOwn requestId={request.requestId} />
            ) : null}
          </li>
        );
      })}
    </Stack>
  );
}

function UndoOwn({ requestId }: { requestId: string }): ReactNode {
  const { t } = useTranslation();
  const undo = async (): Promise<void> => {
    try {
      await call('request.undo', { requestId });
      sayDone(t('undo.done'));
    } catch (error) {
      sayProblem(error);
    }
    await queryClient.invalidateQueries();
  };
  return (
    <TakeButton size="compact-xs" ml="xs" blocked={false} onClick={() => void undo()}>
      {t('undo.action')}
    </TakeButton>
  );
}
