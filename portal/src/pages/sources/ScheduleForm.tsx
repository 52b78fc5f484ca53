import { NumberInput, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { type FormProps, useSave } from './save-source.tsx';

/** How often a directory is read, and how much it may change without a person's word. */
export function ScheduleForm(props: FormProps): ReactNode {
  const { t } = useTranslation();
  const { everyMinutes, wholeHours, brake } = props.source;
  const [minutes, setMinutes] = useState(everyMinutes);
  const [hours, setHours] = useState(wholeHours);
  const [atLeast, setAtLeast] = useState(brake.atLeast);
  const [percent, setPercent] = useState(Math.round(brake.share * 100));
  const { save, busy, problem } = useSave(props);
  const sameBrake = atLeast === brake.atLeast && percent === Math.round(brake.share * 100);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        // Whoever only says how often does not answer for what is read.
        save({
          everyMinutes: minutes,
          wholeHours: hours,
          ...(sameBrake ? {} : { brake: { atLeast, share: percent / 100 } }),
        });
      }}
    >
      <Stack>
        <NumberInput
          label={t('sources.everyMinutes')}
          min={5}
          max={10_080}
          value={minutes}
          onChange={(one) => setMinutes(Number(one) || 5)}
        />
        <NumberInput
          label={t('sources.wholeHours')}
          description={t('sources.wholeHint')}
          min={1}
          max={744}
          value={hours}
          onChange={(one) => setHours(Number(one) || 1)}
        />
        <Text size="sm">{t('sources.brakeText')}</Text>
        <NumberInput
          label={t('sources.atLeast')}
          min={0}
          max={1_000_000}
          value={atLeast}
          onChange={(one) => setAtLeast(Number(one) || 0)}
        />
        <NumberInput
          label={t('sources.share')}
          description={t('sources.shareHint')}
          min={0}
          max={100}
          suffix=" %"
          value={percent}
          onChange={(one) => setPercent(Number(one) || 0)}
        />
        <ActProblem problem={problem} />
        <GiveButton type="submit" blocked={false} loading={busy}>
          {t('do.save')}
        </GiveButton>
      </Stack>
    </form>
  );
}
