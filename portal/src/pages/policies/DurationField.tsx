import { Group, NativeSelect, NumberInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Duration } from './draft.ts';

const units = ['workingDays', 'workingHours', 'hours'] as const;
type Unit = (typeof units)[number];

/** what the server takes at most */
const most: Record<Unit, number> = { workingDays: 100, workingHours: 800, hours: 2400 };

/** A time by the clock, or by the organization's own hours and days. */
export function DurationField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: Duration;
  onChange: (value: Duration) => void;
}): ReactNode {
  const { t } = useTranslation();
  const [unit, count] = Object.entries(value)[0] as [Unit, number];
  const set = (unit: Unit, count: number): void =>
    onChange({ [unit]: Math.min(most[unit], Math.max(1, Math.round(count) || 1)) } as Duration);
  return (
    <Group gap="xs" align="flex-end" wrap="nowrap">
      <NumberInput
        label={label}
        value={count}
        min={1}
        max={most[unit]}
        clampBehavior="strict"
        allowDecimal={false}
        hideControls
        styles={{ label: { whiteSpace: 'nowrap' } }}
        w={110}
        onChange={(to) => set(unit, Number(to))}
      />
      <NativeSelect
        aria-label={`${label}: ${t('policy.dueUnit')}`}
        value={unit}
        onChange={(event) => set(event.currentTarget.value as Unit, count)}
        data={units.map((one) => ({ value: one, label: t(`policy.unit.${one}`) }))}
      />
    </Group>
  );
}
