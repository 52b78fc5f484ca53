import { NumberInput, Radio, Stack } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { type FormProps, useSave } from './save-target.ts';

const ways = ['delete-after', 'disable', 'delete', 'leave'] as const;

/** When somebody comes and goes. */
export function PolicyForm(props: FormProps): ReactNode {
  const { t } = useTranslation();
  const { policy, can } = props.target;
  const [onLoss, setOnLoss] = useState(policy.onLoss);
  const [days, setDays] = useState(policy.deleteAfterDays);
  const [prepareDays, setPrepareDays] = useState(policy.prepareDays);
  const { save, busy, problem } = useSave(props);
  const possible = ways.filter(
    (way) =>
      (can.disable || (way !== 'disable' && way !== 'delete-after')) &&
      (can.delete || (way !== 'delete' && way !== 'delete-after')),
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save({ policy: { onLoss, deleteAfterDays: days, prepareDays } });
      }}
    >
      <Stack>
        <Radio.Group
          label={t('behavior.onLoss')}
          description={t('behavior.onLossHint')}
          value={onLoss}
          onChange={(one) => setOnLoss(ways.find((way) => way === one) ?? onLoss)}
        >
          <Stack gap="xs" mt="xs">
            {possible.map((way) => (
              <Radio
                key={way}
                value={way}
                label={t(`behavior.loss.${way}`)}
                description={t(`behavior.lossHint.${way}`)}
              />
            ))}
          </Stack>
        </Radio.Group>
        {onLoss === 'delete-after' ? (
          <NumberInput
            label={t('behavior.deleteAfter')}
            min={1}
            max={3650}
            required
            value={days}
            onChange={(one) => setDays(Number(one) || 1)}
          />
        ) : null}
        {can.disable ? (
          <NumberInput
            label={t('behavior.prepareDays')}
            description={t('behavior.prepareHint')}
            min={0}
            max={90}
            value={prepareDays}
            onChange={(one) => setPrepareDays(Number(one) || 0)}
          />
        ) : null}
        <ActProblem problem={problem} />
        <GiveButton type="submit" blocked={false} loading={busy}>
          {t('do.save')}
        </GiveButton>
      </Stack>
    </form>
  );
}
