import { Checkbox, Select, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { type FormProps, useSave } from './save-target.ts';

/** What is done about differences without a person's word. */
export function MendingForm(props: FormProps): ReactNode {
  const { t } = useTranslation();
  const { mending, can, mapping, values } = props.target;
  const [missing, setMissing] = useState(mending.missing);
  const [drift, setDrift] = useState(mending.drift);
  const [orphan, setOrphan] = useState(mending.orphan);
  const [match, setMatch] = useState(mending.match);
  const [nightly, setNightly] = useState(mending.nightly);
  const { save, busy, problem } = useSave(props);
  const orphanWays = (['leave', 'adopt', 'disable', 'delete'] as const).filter(
    (way) => (way !== 'disable' || can.disable) && (way !== 'delete' || can.delete),
  );
  const matching = mapping.flatMap(({ to, pieces }) => {
    const [piece, ...others] = pieces;
    const whole =
      piece && 'field' in piece && others.length === 0 && !piece.how?.some((how) => how !== 'lower');
    const field = whole ? piece.field : '';
    const sure = field.startsWith('attribute.') || ['email', 'userId'].includes(field);
    return sure ? [{ value: to, label: values.find(({ key }) => key === to)?.label ?? to }] : [];
  });
  if (can.list === 'none') return <Text size="sm">{t('differences.cannotList')}</Text>;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save({
          mending: { missing, drift, orphan, nightly, match: orphan === 'adopt' ? match : null },
        });
      }}
    >
      <Stack>
        <Text size="sm">{t('behavior.mendingText')}</Text>
        <Select
          label={t('differences.kind.missing')}
          description={t('differences.means.missing')}
          allowDeselect={false}
          value={missing}
          onChange={(one) => setMissing(one === 'mend' ? 'mend' : 'leave')}
          data={(['leave', 'mend'] as const).map((way) => ({
            value: way,
            label: t(`behavior.way.missing.${way}`),
          }))}
        />
        <Select
          label={t('differences.kind.drift')}
          description={t('differences.means.drift')}
          allowDeselect={false}
          value={drift}
          onChange={(one) => setDrift(one === 'mend' ? 'mend' : 'leave')}
          data={(['leave', 'mend'] as const).map((way) => ({
            value: way,
            label: t(`behavior.way.drift.${way}`),
          }))}
        />
        <Select
          label={t('differences.kind.orphan')}
          description={t('differences.means.orphan')}
          allowDeselect={false}
          value={orphan}
          onChange={(one) => setOrphan(orphanWays.find((way) => way === one) ?? 'leave')}
          data={orphanWays.map((way) => ({ value: way, label: t(`behavior.way.orphan.${way}`) }))}
        />
        {orphan === 'adopt' ? (
          <Select
            label={t('behavior.match')}
            description={matching.length > 0 ? t('behavior.matchHint') : t('behavior.matchNone')}
            required
            value={match}
            onChange={setMatch}
            data={matching}
          />
        ) : null}
        {orphan === 'disable' || orphan === 'delete' ? (
          <Text size="sm">{t('behavior.orphanWarning')}</Text>
        ) : null}
        <Checkbox
          label={t('behavior.eachNight')}
          description={t('behavior.eachNightHint')}
          checked={nightly}
          onChange={(event) => setNightly(event.currentTarget.checked)}
        />
        <ActProblem problem={problem} />
        <GiveButton type="submit" blocked={false} loading={busy}>
          {t('do.save')}
        </GiveButton>
      </Stack>
    </form>
  );
}
