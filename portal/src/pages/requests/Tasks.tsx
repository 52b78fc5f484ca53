import { Alert, Badge, Box, Group, Paper, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import type { Item } from '../../api/types.ts';
import { moment } from '../../i18n/dates.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { Fold } from '../../parts/Fold.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';

type Task = Item<'task.list'>;
type Line = Task['fields'][number];

/** What waits to be done by hand in other systems; nothing at all where nothing does. */
export function Tasks(): ReactNode {
  const { t } = useTranslation();
  const query = useRead('task.list', { limit: 50 }, { refetchEveryMs: 30_000, keepPrevious: true });
  const tasks = query.data?.items ?? [];
  if (tasks.length === 0) return null;
  return (
    <Box mb="lg">
      <Section title={t('tasks.title')}>
        <Stack
          component="ul"
          gap="sm"
          p={0}
          m={0}
          style={{ listStyle: 'none' }}
          aria-label={t('tasks.title')}
        >
          {tasks.map((task) => (
            <OneTask key={`${task.taskId} ${task.version}`} task={task} />
          ))}
        </Stack>
        {query.data?.next ? <Text size="sm">{t('tasks.more')}</Text> : null}
      </Section>
    </Box>
  );
}

function OneTask({ task }: { task: Task }): ReactNode {
  const { t } = useTranslation();
  const title = t(`tasks.what.${task.what}`, { whom: task.whom });
  return (
    <Paper component="li" withBorder p="md" aria-label={title}>
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" gap="xs">
          <div>
            <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
              {title}
            </Text>
            <Text size="sm" c="dimmed">
              {t('tasks.in', { name: task.targetName })}
            </Text>
          </div>
          <Badge color={task.overdue ? 'red.9' : 'gray.7'}>
            {t(task.overdue ? 'tasks.overdue' : 'tasks.due', { when: moment(task.dueAt) })}
          </Badge>
        </Group>
        {task.accountName ? <Text size="sm">{t('tasks.called', { name: task.accountName })}</Text> : null}
        {task.mayBeThere ? (
          <Alert variant="outline" color="gray" c="inherit">
            {t('tasks.mayBeThere')}
          </Alert>
        ) : null}
        {task.fields.length > 0 && task.what !== 'delete' ? <Lines fields={task.fields} /> : null}
        {task.instructions ? (
          <Text size="sm" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
            {task.instructions}
          </Text>
        ) : null}
        <Closing task={task} title={title} />
      </Stack>
    </Paper>
  );
}

/** What should be there, and what is there now where it is something else. */
function Lines({ fields }: { fields: readonly Line[] }): ReactNode {
  const { t } = useTranslation();
  const said = (key: string, value: Line['was']): string => {
    if (value === null) return t('tasks.nothing');
    if (key === 'enabled') return value === 'true' ? t('tasks.on') : t('tasks.off');
    return typeof value === 'string' ? value : value.join(', ');
  };
  return (
    <Stack component="dl" gap={4} m={0}>
      {fields.map(({ key, label, was, maybe, shouldBe }) => {
        const differs = (before: Line['was']): boolean =>
          before !== null && said(key, before) !== said(key, shouldBe);
        const before = differs(was)
          ? t('tasks.before', { value: said(key, was) })
          : differs(maybe)
            ? t('tasks.askedBefore', { value: said(key, maybe) })
            : undefined;
        return (
          <Group key={key} gap="xs" align="baseline" wrap="wrap" style={{ rowGap: 0 }}>
            <Text component="dt" size="sm" c="dimmed" miw={130}>
              {key in fieldNames ? t(`tasks.field.${key as keyof typeof fieldNames}`) : label}
            </Text>
            <Text component="dd" size="sm" m={0} style={{ overflowWrap: 'anywhere' }}>
              <strong>{said(key, shouldBe)}</strong>
              {before ? ` (${before})` : null}
            </Text>
          </Group>
        );
      })}
    </Stack>
  );
}

const fieldNames = {
  userName: true,
  displayName: true,
  givenName: true,
  familyName: true,
  email: true,
  phone: true,
  title: true,
  organization: true,
  employeeNumber: true,
  language: true,
  roles: true,
  enabled: true,
} as const;

function Closing({ task, title }: { task: Task; title: string }): ReactNode {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [reason, setReason] = useState('');
  const form = useId();
  const done = useChange('task.done', () => sayDone(t('tasks.doneNow', { whom: task.whom })));
  const refuse = useChange('task.refuse', () => sayDone(t('tasks.refusedNow', { whom: task.whom })));
  const { taskId, version: ifVersion, needsName } = task;
  return (
    <Stack gap="sm">
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          if (needsName && name.trim() === '') return;
          done.mutate({ taskId, ifVersion, ...(needsName ? { accountName: name.trim() } : {}) });
        }}
      >
        <Group align="flex-end" gap="sm">
          {needsName ? (
            <TextInput
              label={t('tasks.name')}
              description={t('tasks.nameHint')}
              required
              maxLength={200}
              autoComplete="off"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          ) : null}
          <GiveButton
            type="submit"
            leftSection={<IconCheck size={16} aria-hidden />}
            blocked={needsName && name.trim() === '' ? t('tasks.nameFirst') : false}
            loading={done.isPending}
            aria-label={t('tasks.doneOf', { what: title })}
          >
            {t('tasks.done')}
          </GiveButton>
        </Group>
      </form>
      <Fold label={t('tasks.cannot')}>
        <Stack gap="sm" align="flex-start">
          <Textarea
            w="100%"
            label={t('tasks.reason')}
            description={t('tasks.reasonHint')}
            autosize
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <TakeButton
            leftSection={<IconX size={16} aria-hidden />}
            blocked={reason.trim() === '' ? t('tasks.reasonFirst') : false}
            loading={refuse.isPending}
            onClick={() => refuse.mutate({ taskId, ifVersion, reason: reason.trim() })}
            aria-label={t('tasks.refuseOf', { what: title })}
          >
            {t('tasks.refuse')}
          </TakeButton>
        </Stack>
      </Fold>
      <ActProblem problem={done.error ?? refuse.error} />
    </Stack>
  );
}
