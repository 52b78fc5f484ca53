import './policies.css';
import {
  ActionIcon,
  Alert,
  Button,
  Checkbox,
  Group,
  Menu,
  NativeSelect,
  NumberInput,
  Paper,
  Pill,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApproversField } from './ApproversField.tsx';
import { DurationField } from './DurationField.tsx';
import { type DraftStep, type Duration, newLevel, type Quorum } from './draft.ts';
import { durationWords, type Words } from './policy-words.ts';

type Props = {
  number: number;
  of: number;
  step: DraftStep;
  words: Words;
  onNamed: (id: string, name: string) => void;
  onChange: (step: DraftStep) => void;
  onMove: (by: 1 | -1) => void;
  onRemove: () => void;
  /** why it would hang, as the check on saving found */
  hang: string | undefined;
};

/** One step of a policy: who decides, by when, who is asked then, and how it ends. */
export function StepCard({
  number,
  of,
  step,
  words,
  onNamed,
  onChange,
  onMove,
  onRemove,
  hang,
}: Props): ReactNode {
  const { t } = useTranslation();
  const set = (change: Partial<DraftStep>): void => onChange({ ...step, ...change });
  return (
    <Paper component="section" withBorder p="md" aria-label={t('policy.stepOf', { number, name: step.name })}>
      <Stack>
        <Group justify="space-between" wrap="nowrap">
          <Title order={3} size="h4" style={{ overflowWrap: 'anywhere' }}>
            {t('policy.stepOf', { number, name: step.name })}
          </Title>
          <Group gap={4} wrap="nowrap">
            {number > 1 ? (
              <ActionIcon
                variant="default"
                aria-label={t('policy.up', { number })}
                onClick={() => onMove(-1)}
              >
                <IconArrowUp size={16} aria-hidden />
              </ActionIcon>
            ) : null}
            {number < of ? (
              <ActionIcon
                variant="default"
                aria-label={t('policy.down', { number })}
                onClick={() => onMove(1)}
              >
                <IconArrowDown size={16} aria-hidden />
              </ActionIcon>
            ) : null}
            {of > 1 ? (
              <ActionIcon variant="default" aria-label={t('policy.dropStep', { number })} onClick={onRemove}>
                <IconX size={16} aria-hidden />
              </ActionIcon>
            ) : null}
          </Group>
        </Group>
        {hang ? (
          <Alert color="red" role="alert">
            {hang}
          </Alert>
        ) : null}
        <TextInput
          label={t('policy.stepName')}
          value={step.name}
          maxLength={80}
          required
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <ApproversField
          label={t('policy.decide')}
          addLabel={t('policy.addWho')}
          value={step.approvers}
          words={words}
          onNamed={onNamed}
          onChange={(approvers) => set({ approvers })}
        />
        <Group align="flex-end">
          <QuorumField value={step.quorum} onChange={(quorum) => set({ quorum })} />
          <DurationField label={t('policy.due')} value={step.due} onChange={(due) => set({ due })} />
        </Group>
        <Reminders step={step} onChange={(remind) => set({ remind })} />
        <Stack gap="xs">
          <Text size="sm" fw={600}>
            {t('policy.escalation')}
          </Text>
          {step.escalation.map((level, index) => {
            const change = (to: Partial<typeof level>): void =>
              set({ escalation: step.escalation.with(index, { ...level, ...to }) });
            return (
              <Paper
                key={level.row}
                withBorder
                p="sm"
                role="group"
                aria-label={t('policy.escalationNumber', { number: index + 1 })}
              >
                <Group justify="space-between" align="flex-start" wrap="nowrap">
                  <Stack gap="xs" style={{ flex: 1, minWidth: 0 }}>
                    <ApproversField
                      label={t('policy.escalationNumber', { number: index + 1 })}
                      addLabel={t('policy.addWhoLater')}
                      value={level.approvers}
                      words={words}
                      onNamed={onNamed}
                      onChange={(approvers) => change({ approvers })}
                    />
                    <DurationField
                      label={t('policy.due')}
                      value={level.due}
                      onChange={(due) => change({ due })}
                    />
                  </Stack>
                  <ActionIcon
                    variant="default"
                    aria-label={t('policy.dropEscalation', { number: index + 1 })}
                    onClick={() => set({ escalation: step.escalation.toSpliced(index, 1) })}
                  >
                    <IconX size={16} aria-hidden />
                  </ActionIcon>
                </Group>
              </Paper>
            );
          })}
          {step.escalation.length < 5 ? (
            <Button
              variant="default"
              size="xs"
              leftSection={<IconPlus size={16} aria-hidden />}
              style={{ alignSelf: 'flex-start' }}
              onClick={() => set({ escalation: [...step.escalation, newLevel()] })}
            >
              {t('policy.addEscalation')}
            </Button>
          ) : null}
        </Stack>
        <NativeSelect
          label={t('policy.atEndLabel')}
          value={step.atEnd}
          onChange={(event) => set({ atEnd: event.currentTarget.value as DraftStep['atEnd'] })}
          data={(['refuse', 'approve'] as const).map((end) => ({
            value: end,
            label: t(`policy.atEnd.${end}`),
          }))}
        />
        <Checkbox
          label={t('policy.attachment')}
          checked={step.attachment === 'required'}
          onChange={(event) => set({ attachment: event.currentTarget.checked ? 'required' : undefined })}
        />
      </Stack>
    </Paper>
  );
}

function QuorumField({ value, onChange }: { value: Quorum; onChange: (value: Quorum) => void }): ReactNode {
  const { t } = useTranslation();
  const some = typeof value === 'object' ? value.atLeast : undefined;
  return (
    <>
      <NativeSelect
        label={t('policy.quorumLabel')}
        value={typeof value === 'object' ? 'atLeast' : value}
        onChange={(event) => {
          const to = event.currentTarget.value;
          onChange(to === 'one' || to === 'all' ? to : { atLeast: some ?? 2 });
        }}
        data={(['one', 'all', 'atLeast'] as const).map((one) => ({
          value: one,
          label: t(`policy.quorum.${one}`),
        }))}
      />
      {some === undefined ? null : (
        <NumberInput
          label={t('policy.howMany')}
          value={some}
          min={2}
          max={20}
          clampBehavior="strict"
          allowDecimal={false}
          w={130}
          onChange={(to) => onChange({ atLeast: Math.min(20, Math.max(2, Number(to) || 2)) })}
        />
      )}
    </>
  );
}

/** What people choose among; times that were set otherwise stay as they are. */
const reminders: Duration[] = [
  { workingDays: 1 },
  { workingDays: 2 },
  { workingDays: 5 },
  { workingHours: 4 },
  { hours: 1 },
  { hours: 24 },
];

function Reminders({
  step,
  onChange,
}: {
  step: DraftStep;
  onChange: (remind: DraftStep['remind']) => void;
}): ReactNode {
  const { t } = useTranslation();
  return (
    <Stack gap="xs" role="group" aria-label={t('policy.remind')}>
      <Text size="sm" fw={600}>
        {t('policy.remind')}
      </Text>
      <Group gap={6}>
        {step.remind.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t('policy.noRemind')}
          </Text>
        ) : null}
        {step.remind.map((time, index) => {
          const words = durationWords(t, time);
          return (
            <Pill
              // biome-ignore lint/suspicious/noArrayIndexKey: times have no other name, and may be the same twice
              key={index}
              size="md"
              className="policy-chip"
              withRemoveButton
              onRemove={() => onChange(step.remind.toSpliced(index, 1))}
              removeButtonProps={{
                'aria-label': t('policy.dropRemind', { time: words }),
                'aria-hidden': false,
                tabIndex: 0,
              }}
            >
              {t('policy.before', { time: words })}
            </Pill>
          );
        })}
        {step.remind.length < 5 ? (
          <Menu position="bottom-start" withinPortal>
            <Menu.Target>
              <Button variant="default" size="xs" leftSection={<IconPlus size={16} aria-hidden />}>
                {t('policy.addRemind')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {reminders.map((time) => (
                <Menu.Item key={JSON.stringify(time)} onClick={() => onChange([...step.remind, time])}>
                  {t('policy.before', { time: durationWords(t, time) })}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        ) : null}
      </Group>
    </Stack>
  );
}
