import { Alert, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import { moment } from '../../i18n/dates.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import { ConsequenceDialog } from '../../parts/ConsequenceDialog.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { RunPeople } from './RunPeople.tsx';
import type { SourceDetail } from './source.ts';

/** What is wrong with a directory, or so unusual that somebody has to agree first. */
export function Trouble({ source }: { source: SourceDetail }): ReactNode {
  const { t } = useTranslation();
  const { failingSince, heldRunId, problem, state } = source;
  if (state !== 'active') return null;
  if (heldRunId) return <Question key={heldRunId} source={source} sourceRunId={heldRunId} />;
  if (!failingSince) return null;
  return (
    <Alert
      color="yellow"
      variant="outline"
      c="inherit"
      icon={<IconAlertTriangle aria-hidden />}
      title={t('sources.failing', { since: moment(failingSince) })}
    >
      <Stack gap="xs">
        {problem ? <Text size="sm">{problem}</Text> : null}
        <Text size="sm">{t('sources.failingText')}</Text>
      </Stack>
    </Alert>
  );
}

/** So much would change that nothing was written: how much, who, and whether it is right. */
function Question({ source, sourceRunId }: { source: SourceDetail; sourceRunId: string }): ReactNode {
  const { t } = useTranslation();
  const [asked, setAsked] = useState(false);
  const [looked, setLooked] = useState(false);
  const run = useRead('source-run.read', { sourceRunId });
  const agree = useChange('source.agree', () => {
    sayDone(t('sources.agreed'));
    setAsked(false);
  });
  const counts = run.data?.counts;
  const changing = (counts?.changed ?? 0) + (counts?.taken ?? 0);
  const missing = counts?.proposed ?? 0;
  const said = counts ? (
    <>
      {changing > 0 ? (
        <Text size="sm">{t('sources.heldChanged', { count: changing, people: source.people })}</Text>
      ) : null}
      {missing > 0 ? (
        <Text size="sm">{t('sources.heldMissing', { count: missing, people: source.people })}</Text>
      ) : null}
      {counts.new > 0 ? <Text size="sm">{t('sources.heldNew', { count: counts.new })}</Text> : null}
    </>
  ) : null;
  return (
    <Alert
      color="yellow"
      variant="outline"
      c="inherit"
      icon={<IconAlertTriangle aria-hidden />}
      title={t('sources.heldTitle')}
    >
      <Stack gap="sm">
        {said}
        <Text size="sm">{t('sources.heldText')}</Text>
        <Group gap="xs">
          <ActButton size="xs" blocked={counts ? false : t('state.loading')} onClick={() => setAsked(true)}>
            {t('sources.agree')}
          </ActButton>
          <ActButton
            size="xs"
            variant="default"
            blocked={false}
            aria-expanded={looked}
            onClick={() => setLooked(!looked)}
          >
            {t('sources.who')}
          </ActButton>
        </Group>
        {looked ? <RunPeople sourceRunId={sourceRunId} /> : null}
      </Stack>
      <ConsequenceDialog
        opened={asked}
        onClose={() => setAsked(false)}
        title={t('sources.agreeOf', { name: source.name })}
        consequence={
          <Stack gap="xs">
            {said}
            <Text size="sm">{t('sources.agreeText')}</Text>
          </Stack>
        }
        confirm={t('sources.agree')}
        onConfirm={() => agree.mutate({ sourceId: source.sourceId, sourceRunId })}
        busy={agree.isPending}
        problem={agree.error}
        tone="neutral"
      />
      {asked ? null : <ActProblem problem={agree.error} />}
    </Alert>
  );
}
