import { Alert, Checkbox, Group, Progress, Radio, Stack, Text } from '@mantine/core';
import { IconAlertCircle, IconCheck } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { number } from '../../i18n/dates.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { ActButton, GiveButton } from '../../parts/ActButton.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { Columns, type Reading } from './Columns.tsx';
import { Outcome } from './Outcome.tsx';

type Read = Output<'people-import.read'>;

/** What comes next with a file that was sent: its columns, the difference, the work, what came of it. */
export function ImportUnderWay({ importId }: { importId: string }): ReactNode {
  const { t } = useTranslation();
  const input = { importId, after: 0, afterKey: '', limit: 1 };
  const first = useRead('people-import.read', input);
  const working = first.data?.state === 'comparing' || first.data?.state === 'applying';
  const query = useRead('people-import.read', input, { refetchEveryMs: working ? 700 : false });
  // Here, so that the choice outlives the time in which the file is compared.
  const [reading, setReading] = useState<Reading>();
  const [compared, setCompared] = useState<Reading>();
  return (
    <Loaded query={query} notAllowed={t('peopleImport.notAllowed')} empty="never">
      {(run) => (
        <Stack>
          <Text fw={600}>{run.fileName}</Text>
          {run.state === 'comparing' || run.state === 'applying' ? <Working run={run} /> : null}
          {run.state === 'uploading' || run.state === 'compared' || run.state === 'failed' ? (
            <Look
              run={run}
              reading={reading}
              onReading={setReading}
              compared={compared}
              onCompared={setCompared}
            />
          ) : null}
          {run.state === 'done' ? <Done run={run} /> : null}
          {run.state === 'canceled' ? <Text role="status">{t('peopleImport.canceled')}</Text> : null}
        </Stack>
      )}
    </Loaded>
  );
}

function Working({ run }: { run: Read }): ReactNode {
  const { t } = useTranslation();
  const percent = run.total > 0 ? Math.floor((run.done / run.total) * 100) : 0;
  return (
    <Stack maw={560}>
      <Text role="status">
        {t(`peopleImport.phase.${run.phase || 'reading'}`, {
          done: number(run.done),
          total: number(run.total),
        })}
      </Text>
      {run.state === 'applying' ? (
        <Progress size="lg" value={percent} aria-label={t('peopleImport.progress')} />
      ) : null}
      <Text size="sm" c="dimmed">
        {t('peopleImport.mayLeave')}
      </Text>
    </Stack>
  );
}

type LookProps = {
  run: Read;
  /** as somebody chose the columns */
  reading: Reading | undefined;
  onReading: (reading: Reading) => void;
  /** as the columns were when the difference was looked for */
  compared: Reading | undefined;
  onCompared: (reading: Reading) => void;
};

function Look({ run, reading, onReading, compared, onCompared }: LookProps): ReactNode {
  const { t } = useTranslation();
  const heading = useRead('people-import.check', { importId: run.importId });
  const [mode, setMode] = useState<'rows' | 'all'>('rows');
  const [chosenPart, setPart] = useState<boolean>();
  const part = chosenPart ?? (run.counts ? run.part : heading.data?.part) ?? false;
  const differ = useChange('people-import.differ');
  const apply = useChange('people-import.apply');
  // What was kept for a file with such columns; what it seems to be, where nothing was.
  const kept = useRead('import-mapping.list', { organizationId: run.organizationId });
  const fitting = kept.data?.items.find(({ reading: { columns } }) =>
    Object.values(columns).every((column) => heading.data?.headings.includes(column)),
  );
  const now: Reading = reading ??
    fitting?.reading ?? {
      columns: heading.data?.guess ?? {},
      dates: heading.data?.dates ?? 'iso',
    };
  const keep = useChange('import-mapping.create');
  const change = useChange('import-mapping.update');
  const remember = (): void => {
    if (!fitting) {
      const name = run.fileName || t('peopleImport.title');
      keep.mutate({ organizationId: run.organizationId, name, reading: now });
    } else if (
      fitting.organizationId === run.organizationId &&
      JSON.stringify(fitting.reading) !== JSON.stringify(now)
    )
      change.mutate({ importMappingId: fitting.importMappingId, reading: now });
  };
  const named = now.columns.name ?? now.columns.givenName ?? now.columns.familyName;
  const blocked = now.columns.key && named ? false : t('peopleImport.sayWho');
  const counts = run.state === 'compared' ? run.counts : null;
  const nothing = counts !== null && counts.new + counts.changed === 0;
  return (
    <Stack>
      {run.failure ? (
        <Alert
          role="alert"
          color="red"
          variant="outline"
          c="inherit"
          icon={<IconAlertCircle aria-hidden />}
          title={t('peopleImport.failed')}
        >
          {run.failure.text}
        </Alert>
      ) : null}
      <Loaded query={heading} notAllowed={t('peopleImport.notAllowed')} empty="never">
        {(found) => <Columns heading={found} value={now} onChange={onReading} />}
      </Loaded>
      <Checkbox
        label={t('peopleImport.part')}
        description={t('peopleImport.partHint')}
        checked={part}
        onChange={(event) => setPart(event.currentTarget.checked)}
      />
      <ActButton
        blocked={blocked}
        variant={counts ? 'default' : 'filled'}
        loading={differ.isPending}
        onClick={() => {
          onCompared(now);
          // Whether it holds everybody is of this file, not of how such files are read.
          differ.mutate({ importId: run.importId, reading: { ...now, part } });
        }}
        style={{ alignSelf: 'flex-start' }}
      >
        {counts ? t('peopleImport.lookAgain') : t('peopleImport.look')}
      </ActButton>
      <ActProblem problem={differ.error} />
      {counts ? <Outcome run={run} /> : null}
      {counts && !nothing ? (
        <Stack>
          <Radio.Group
            label={t('peopleImport.mode')}
            value={mode}
            onChange={(chosen) => setMode(chosen as 'rows' | 'all')}
          >
            <Stack gap="xs" mt="xs">
              <Radio value="rows" label={t('peopleImport.rows')} />
              <Radio value="all" label={t('peopleImport.all')} />
            </Stack>
          </Radio.Group>
          <GiveButton
            blocked={JSON.stringify(compared) === JSON.stringify(now) ? false : t('peopleImport.lookFirst')}
            loading={apply.isPending}
            onClick={() => {
              // Whether it can be kept or not: the import goes on.
              remember();
              apply.mutate({ importId: run.importId, mode });
            }}
            style={{ alignSelf: 'flex-start' }}
          >
            {t('peopleImport.do')}
          </GiveButton>
          <ActProblem problem={apply.error} />
        </Stack>
      ) : null}
      {nothing && counts.problem === 0 ? <Text role="status">{t('peopleImport.nothing')}</Text> : null}
    </Stack>
  );
}

function Done({ run }: { run: Read }): ReactNode {
  const { t } = useTranslation();
  return (
    <Stack>
      <Alert
        role="status"
        color="teal"
        variant="outline"
        c="inherit"
        icon={<IconCheck aria-hidden />}
        title={t('peopleImport.done')}
      >
        {t('peopleImport.doneText')}
      </Alert>
      <Outcome run={run} />
      <Group>
        <ButtonLink to="/people" search={{ organizationId: run.organizationId }}>
          {t('peopleImport.see')}
        </ButtonLink>
        <ButtonLink to="/import-people" search={{ organizationId: run.organizationId }} variant="default">
          {t('peopleImport.another')}
        </ButtonLink>
      </Group>
    </Stack>
  );
}
