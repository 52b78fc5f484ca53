import { Group, Modal, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { moment } from '../../i18n/dates.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton, GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { ConsequenceDialog } from '../../parts/ConsequenceDialog.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { TextLink } from '../../parts/links.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { GivesSection } from './GivesSection.tsx';
import { HowItIsRead } from './HowItIsRead.tsx';
import { Proposals } from './Proposals.tsx';
import { isUnderWay, Readings } from './Readings.tsx';
import { StateOfSource } from './SourcesPage.tsx';
import type { SourceDetail } from './source.ts';
import { Trouble } from './Trouble.tsx';
import { TryOut } from './TryOut.tsx';

type Runs = Output<'source-run.list'>;

const often = 2000;

/** One directory: how it is, what waits for somebody, what its readings did, and what can be done. */
export function SourcePage(): ReactNode {
  const { t } = useTranslation();
  const { sourceId } = useParams({ from: '/shell/sources/$sourceId' });
  const runs = useRead(
    'source-run.list',
    { sourceId, limit: 10 },
    { refetchEveryMs: (page) => (page?.items.some(isUnderWay) ? often : false) },
  );
  const busy = runs.data?.items.some(isUnderWay) ?? false;
  useAfter(busy);
  const query = useRead('source.read', { sourceId }, { refetchEveryMs: busy ? often : 15_000 });
  if (query.data) return <SourceShown source={query.data} runs={runs.data} busy={busy} />;
  return (
    <Page title={t('sources.one')}>
      <Loaded query={query} notAllowed={t('sources.notAllowed')} empty="never">
        {() => null}
      </Loaded>
    </Page>
  );
}

/** What a reading left is to be seen as soon as it is over. */
function useAfter(busy: boolean): void {
  const client = useQueryClient();
  const was = useRef(busy);
  useEffect(() => {
    if (was.current && !busy) void client.invalidateQueries();
    was.current = busy;
  }, [busy, client]);
}

function SourceShown({
  source,
  runs,
  busy,
}: {
  source: SourceDetail;
  runs: Runs | undefined;
  busy: boolean;
}): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<'try' | 'pause' | 'remove'>();
  const close = (): void => setAsked(undefined);
  const { sourceId, name, state, version } = source;
  const done = (text: string) => (): void => {
    sayDone(text);
    close();
  };
  const activate = useChange('source.activate', done(t('sources.onNow', { name })));
  const pause = useChange('source.pause', done(t('sources.pausedNow', { name })));
  const read = useChange('source.read-now', done(t('sources.begun')));
  const retire = useChange('source.retire', () => {
    sayDone(t('sources.removed', { name }));
    void navigate({ to: '/sources' });
  });
  const act = { sourceId, ifVersion: version };
  const noPassword = source.hasPassword ? false : t('sources.noPassword');
  return (
    <Page
      title={name}
      above={
        <TextLink to="/sources" size="sm">
          {t('sources.title')}
        </TextLink>
      }
      lead={
        <Group gap="xs">
          <Text c="inherit">{source.organizationName}</Text>
          <StateOfSource source={source} />
        </Group>
      }
      actions={
        <>
          <ActButton variant="default" blocked={noPassword} onClick={() => setAsked('try')}>
            {t('sources.try')}
          </ActButton>
          {state === 'active' ? (
            <>
              <ActButton
                blocked={busy ? t('sources.busy') : false}
                loading={read.isPending}
                onClick={() => read.mutate({ sourceId })}
              >
                {t('sources.readNow')}
              </ActButton>
              <TakeButton blocked={false} onClick={() => setAsked('pause')}>
                {t('sources.pause')}
              </TakeButton>
            </>
          ) : (
            <GiveButton
              blocked={noPassword}
              loading={activate.isPending}
              onClick={() => activate.mutate(act)}
            >
              {t('sources.turnOn')}
            </GiveButton>
          )}
        </>
      }
    >
      <Trouble source={source} />
      <ActProblem problem={activate.error ?? read.error} />
      <Section title={t('sources.health')}>
        <Facts
          label={t('sources.health')}
          facts={[
            [t('sources.peopleHere'), source.people],
            [t('sources.lastGood'), source.lastGoodAt ? moment(source.lastGoodAt) : t('sources.never')],
            [t('sources.next'), source.nextAt ? moment(source.nextAt) : t('sources.notPlanned')],
            [t('sources.answers'), source.answers],
          ]}
        />
        <Text size="sm">{t('sources.answersText')}</Text>
      </Section>
      <Proposals sourceId={sourceId} />
      <Readings runs={runs?.items ?? []} />
      <GivesSection key={`gives ${version}`} source={source} />
      <HowItIsRead source={source}>
        <TakeButton size="xs" blocked={false} onClick={() => setAsked('remove')}>
          {t('sources.remove')}
        </TakeButton>
      </HowItIsRead>
      <Modal
        opened={asked === 'try'}
        onClose={close}
        title={t('sources.tryOf', { name })}
        size="lg"
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <TryOut source={source} />
      </Modal>
      <ConsequenceDialog
        opened={asked === 'pause'}
        onClose={close}
        title={t('sources.pauseOf', { name })}
        consequence={<Text size="sm">{t('sources.pauseText')}</Text>}
        confirm={t('sources.pause')}
        onConfirm={() => pause.mutate(act)}
        busy={pause.isPending}
        problem={pause.error}
      />
      <ConsequenceDialog
        opened={asked === 'remove'}
        onClose={close}
        title={t('sources.removeOf', { name })}
        consequence={<Text size="sm">{t('sources.removeText')}</Text>}
        confirm={t('sources.remove')}
        onConfirm={() => retire.mutate(act)}
        busy={retire.isPending}
        problem={retire.error}
      />
    </Page>
  );
}
