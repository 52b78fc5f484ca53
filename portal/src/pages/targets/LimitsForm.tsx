import { NumberInput, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { type FormProps, useSave } from './save-target.ts';

/** How much at once: what is taken away without a person's word, and what the other system bears. */
export function LimitsForm(props: FormProps): ReactNode {
  const { t } = useTranslation();
  const { limits, brake, can } = props.target;
  const [atLeast, setAtLeast] = useState(brake.atLeast);
  const [percent, setPercent] = useState(Math.round(brake.share * 100));
  const [perMinute, setPerMinute] = useState(limits.perMinute);
  const [atOnce, setAtOnce] = useState(limits.atOnce);
  const { save, busy, problem } = useSave(props);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save({ brake: { atLeast, share: percent / 100 }, limits: { atOnce, perMinute } });
      }}
    >
      <Stack>
        <Text size="sm">{t('behavior.brakeText')}</Text>
        <NumberInput
          label={t('behavior.atLeast')}
          description={t('behavior.atLeastHint')}
          min={0}
          max={1_000_000}
          value={atLeast}
          onChange={(one) => setAtLeast(Number(one) || 0)}
        />
        <NumberInput
          label={t('behavior.share')}
          description={t('behavior.shareHint')}
          min={0}
          max={100}
          suffix=" %"
          value={percent}
          onChange={(one) => setPercent(Number(one) || 0)}
        />
        {can.calls ? (
          <>
            <NumberInput
              label={t('behavior.perMinute')}
              description={t('behavior.perMinuteHint')}
              min={1}
              max={60_000}
              value={perMinute}
              onChange={(one) => setPerMinute(Number(one) || 1)}
            />
            <NumberInput
              label={t('behavior.atOnce')}
              min={1}
              max={32}
              value={atOnce}
              onChange={(one) => setAtOnce(Number(one) || 1)}
            />
          </>
        ) : null}
        <ActProblem problem={problem} />
        <GiveButton type="submit" blocked={false} loading={busy}>
          {t('do.save')}
        </GiveButton>
      </Stack>
    </form>
  );
}
