import { Alert, Group, Modal, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import { moment } from '../../i18n/dates.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton, GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { ConsequenceDialog } from '../../parts/ConsequenceDialog.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { FormDialog } from '../../parts/FormDialog.tsx';
import { ButtonLink, TextLink } from '../../parts/links.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { AccountsSection } from './AccountsSection.tsx';
import { Behavior } from './Behavior.tsx';
import { HeldChanges } from './HeldChanges.tsx';
import { HowReached } from './HowReached.tsx';
import { MappingSection } from './MappingSection.tsx';
import { RolesSection } from './RolesSection.tsx';
import { TargetForm } from './TargetForm.tsx';
import { StateOfTarget } from './TargetsPage.tsx';
import { TryOut } from './TryOut.tsx';
import type { TargetDetail } from './target.ts';

/** How often, and for how long after something was changed, the page looks again; milliseconds. */
const often = 2000;
const followedFor = 30_000;

/** One connected system: how it is, who has an account there, what is sent, and what can be done. */
export function TargetPage(): ReactNode {
  const { t } = useTranslation();
  const { provisioningTargetId } = useParams({ from: '/shell/targets/$provisioningTargetId' });
  const [until, setUntil] = useState(0);
  const query = useRead(
    'target.read',
    { provisioningTargetId },
    { refetchEveryMs: () => (Date.now() < until ? often : false) },
  );
  const client = useQueryClient();
  const { version, state, brakedAt, changesHeldAt, accounts, waiting, dead } = query.data ?? {};
  // What was switched on, changed or agreed to is carried out in a moment: it is seen without loading the page anew.
  const act = [version, state, brakedAt, changesHeldAt].join();
  useEffect(() => {
    if (act.includes('active')) setUntil(Date.now() + followedFor);
  }, [act]);
  const outcome = [accounts, waiting, dead].join();
  useEffect(() => {
    if (outcome) void client.invalidateQueries({ queryKey: ['account.list'] });
  }, [outcome, client]);
  if (query.data) return <TargetShown key={query.data.version} target={query.data} />;
  return (
    <Page title={t('targets.one')}>
      <Loaded query={query} notAllowed={t('targets.notAllowed')} empty="never">
        {() => null}
      </Loaded>
    </Page>
  );
}

function TargetShown({ target }: { target: TargetDetail }): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<'edit' | 'try' | 'pause' | 'remove'>();
  const close = (): void => setAsked(undefined);
  const { id, name, state, version } = target;
  const done = (text: string) => (): void => {
    sayDone(text);
    close();
  };
  const activate = useChange('target.activate', done(t('targets.onNow', { name })));
  const pause = useChange('target.pause', done(t('targets.pausedNow', { name })));
  const retire = useChange('target.retire', () => {
    sayDone(t('targets.removed', { name }));
    void navigate({ to: '/targets' });
  });
  const act = { provisioningTargetId: id, ifVersion: version };
  const blocked = target.may.includes('target.configure') ? false : t('targets.mayNot');
  return (
    <Page
      title={name}
      above={
        <TextLink to="/targets" size="sm">
          {t('targets.title')}
        </TextLink>
      }
      lead={
        <Group gap="xs">
          <Text c="inherit">{target.organizationName}</Text>
          <StateOfTarget target={target} />
        </Group>
      }
      actions={
        <>
          <ActButton variant="default" blocked={blocked} onClick={() => setAsked('try')}>
            {t('targets.try')}
          </ActButton>
          {state === 'active' ? (
            <TakeButton blocked={blocked} onClick={() => setAsked('pause')}>
              {t('targets.pause')}
            </TakeButton>
          ) : (
            <GiveButton blocked={blocked} loading={activate.isPending} onClick={() => activate.mutate(act)}>
              {t('targets.turnOn')}
            </GiveButton>
          )}
        </>
      }
    >
      <Trouble target={target} />
      {target.changesHeldAt ? <HeldChanges target={target} /> : null}
      <ActProblem problem={activate.error} />
      <Section title={t('targets.health')}>
        <Facts
          label={t('targets.health')}
          facts={[
            [t('targets.accountsThere'), target.accounts],
            [t('targets.waitingNow'), target.waiting],
            [t('targets.deadNow'), target.dead],
            [t('targets.lastGood'), target.lastGoodAt ? moment(target.lastGoodAt) : t('targets.never')],
          ]}
        />
        <Group gap="xs">
          <ButtonLink
            size="xs"
            variant="default"
            to="/targets/$provisioningTargetId/differences"
            params={{ provisioningTargetId: id }}
          >
            {t('differences.title')}
          </ButtonLink>
        </Group>
      </Section>
      <RolesSection target={target} blocked={blocked} />
      <MappingSection target={target} blocked={blocked} />
      <Behavior target={target} blocked={blocked} />
      <AccountsSection provisioningTargetId={id} />
      <Section
        title={t('targets.reached')}
        actions={
          <ActButton size="xs" variant="default" blocked={blocked} onClick={() => setAsked('edit')}>
            {t('do.edit')}
          </ActButton>
        }
      >
        <HowReached target={target} />
        <Group gap="xs">
          <TakeButton size="xs" blocked={blocked} onClick={() => setAsked('remove')}>
            {t('targets.remove')}
          </TakeButton>
        </Group>
      </Section>
      <FormDialog opened={asked === 'edit'} onClose={close} title={t('targets.editOf', { name })}>
        <TargetForm target={target} onClose={close} />
      </FormDialog>
      <Modal
        opened={asked === 'try'}
        onClose={close}
        title={t('targets.tryOf', { name })}
        size="lg"
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <TryOut target={target} />
      </Modal>
      <ConsequenceDialog
        opened={asked === 'pause'}
        onClose={close}
        title={t('targets.pauseOf', { name })}
        consequence={<Text size="sm">{t('targets.pauseText')}</Text>}
        confirm={t('targets.pause')}
        onConfirm={() => pause.mutate(act)}
        busy={pause.isPending}
        problem={pause.error}
      />
      <ConsequenceDialog
        opened={asked === 'remove'}
        onClose={close}
        title={t('targets.removeOf', { name })}
        consequence={<Text size="sm">{t('targets.removeText')}</Text>}
        confirm={t('targets.remove')}
        onConfirm={() => retire.mutate(act)}
        busy={retire.isPending}
        problem={retire.error}
      />
    </Page>
  );
}

/** What is wrong, and what follows from it. */
function Trouble({ target }: { target: TargetDetail }): ReactNode {
  const { t } = useTranslation();
  const release = useChange('target.release', () => sayDone(t('targets.releasedNow')));
  const { failingSince, brakedAt, state } = target;
  if (state !== 'active' || (!failingSince && !brakedAt)) return null;
  return (
    <Alert
      color="yellow"
      variant="outline"
      c="inherit"
      icon={<IconAlertTriangle aria-hidden />}
      title={brakedAt ? t('targets.braked') : t('targets.failing', { since: moment(failingSince) })}
    >
      <Stack gap="sm" align="start">
        <Text size="sm">{brakedAt ? t('targets.brakedText') : t('targets.failingText')}</Text>
        {brakedAt ? (
          <TakeButton
            size="xs"
            blocked={target.may.includes('target.operate') ? false : t('targets.mayNot')}
            loading={release.isPending}
            onClick={() => release.mutate({ provisioningTargetId: target.id, what: 'removals' })}
          >
            {t('targets.release')}
          </TakeButton>
        ) : null}
        <ActProblem problem={release.error} />
      </Stack>
    </Alert>
  );
}
