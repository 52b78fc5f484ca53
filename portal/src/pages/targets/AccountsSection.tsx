import { Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import type { Item } from '../../api/types.ts';
import { moment } from '../../i18n/dates.ts';
import { Card, CardList } from '../../page/CardList.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import { TextLink } from '../../parts/links.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';

const states = ['all', 'dead', 'waiting', 'ignored'] as const;
type Account = Item<'account.list'>;

/** What may go wrong with an account, as sending calls it. */
const problems = [
  'bad-settings',
  'no-trust',
  'no-permission',
  'unreachable',
  'slow-down',
  'not-allowed',
  'sealed',
  'refused',
  'exists',
  'absent',
  'unmapped',
  'declined',
  'failing',
  'waiting',
] as const;
const known = (problem: string): (typeof problems)[number] | 'fault' =>
  problems.find((one) => one === problem) ?? 'fault';

/** Accounts there of people whom the reader sees; those that wait for somebody by themselves. */
export function AccountsSection({ provisioningTargetId }: { provisioningTargetId: string }): ReactNode {
  const { t } = useTranslation();
  const [state, setState] = useState<(typeof states)[number]>('all');
  const [cursor, setCursor] = useState<string>();
  const may = useMay();
  const retryAll = useChange('account.retry-all', () => sayDone(t('targets.retried')));
  const query = useRead(
    'account.list',
    { provisioningTargetId, ...(state === 'all' ? {} : { state }), cursor, limit: 20 },
    { keepPrevious: true },
  );
  return (
    <Section
      title={t('targets.accountsTitle')}
      actions={
        state === 'dead' && may('target.operate') ? (
          <ActButton
            size="xs"
            variant="default"
            blocked={false}
            loading={retryAll.isPending}
            onClick={() => retryAll.mutate({ provisioningTargetId })}
          >
            {t('targets.retryAll')}
          </ActButton>
        ) : null
      }
    >
      <ActProblem problem={retryAll.error} />
      <SegmentedControl
        aria-label={t('targets.whichAccounts')}
        style={{ flexWrap: 'wrap' }}
        value={state}
        onChange={(one) => {
          setCursor(undefined);
          setState(states.find((two) => two === one) ?? 'all');
        }}
        data={states.map((one) => ({ value: one, label: t(`targets.show.${one}`) }))}
      />
      <Loaded
        query={query}
        notAllowed={t('targets.notAllowed')}
        empty={{
          when: (page) => page.items.length === 0,
          title: t('targets.noAccounts'),
          text: t('targets.noAccountsText'),
          action: null,
        }}
      >
        {(page) => (
          <>
            <CardList label={t('targets.accountsTitle')}>
              {page.items.map((account) => (
                <AccountCard
                  key={account.id}
                  account={account}
                  name={account.displayName}
                  title={
                    account.membershipId ? (
                      <TextLink
                        to="/people/$membershipId"
                        params={{ membershipId: account.membershipId }}
                        fw={600}
                      >
                        {account.displayName}
                      </TextLink>
                    ) : undefined
                  }
                />
              ))}
            </CardList>
            {page.next ? (
              <ActButton size="xs" variant="default" blocked={false} onClick={() => setCursor(page.next)}>
                {t('table.next')}
              </ActButton>
            ) : null}
          </>
        )}
      </Loaded>
    </Section>
  );
}

/** One account, and what was done about it when asked. */
export function AccountCard({
  account,
  name,
  title,
}: {
  account: Account;
  name: string;
  /** the name as it is shown, such as a link */
  title?: ReactNode;
}): ReactNode {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { state, stands, roles, problem, said, ignored, deleteAfter } = account;
  return (
    <Card
      name={name}
      title={title ?? name}
      facts={[
        t(`targets.stands.${stands}`),
        ...(roles.length > 0 ? [roles.join(', ')] : []),
        ...(state === 'done' ? [] : [t(`targets.is.${state}`)]),
        ...(problem && state !== 'done' ? [t(`targets.problems.${known(problem)}`)] : []),
        ...(said ? [t('targets.saidWhy', { reason: said })] : []),
        ...(ignored ? [t('targets.leftSo', { reason: ignored })] : []),
        ...(deleteAfter ? [t('targets.deletedAfter', { when: moment(deleteAfter) })] : []),
      ]}
      acts={
        <ActButton
          size="xs"
          variant="default"
          blocked={false}
          aria-expanded={open}
          aria-label={t('targets.historyOf', { name })}
          onClick={() => setOpen(!open)}
        >
          {t('targets.history')}
        </ActButton>
      }
    >
      {state === 'dead' ? <Mend account={account} /> : null}
      {open ? <History accountId={account.id} /> : null}
    </Card>
  );
}

/** Try it again, or leave it so and say why. */
function Mend({ account }: { account: Account }): ReactNode {
  const { t } = useTranslation();
  const may = useMay();
  const [reason, setReason] = useState('');
  const retry = useChange('account.retry', () => sayDone(t('targets.retried')));
  const ignore = useChange('account.ignore', () => sayDone(t('targets.ignoredNow')));
  const blocked = may('target.operate') ? false : t('targets.mayNot');
  return (
    <Stack gap="xs">
      <ActProblem problem={retry.error ?? ignore.error} />
      <Group align="end" gap="xs">
        <ActButton
          size="xs"
          blocked={blocked}
          loading={retry.isPending}
          onClick={() => retry.mutate({ accountId: account.id })}
        >
          {t('targets.retry')}
        </ActButton>
        <TextInput
          size="xs"
          label={t('targets.reason')}
          value={reason}
          maxLength={500}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <ActButton
          size="xs"
          variant="default"
          blocked={blocked || (reason.trim() ? false : t('targets.reasonFirst'))}
          loading={ignore.isPending}
          onClick={() => ignore.mutate({ accountId: account.id, reason: reason.trim() })}
        >
          {t('targets.ignore')}
        </ActButton>
      </Group>
    </Stack>
  );
}

function History({ accountId }: { accountId: string }): ReactNode {
  const { t } = useTranslation();
  const query = useRead('account.read', { accountId });
  return (
    <Loaded query={query} notAllowed={t('targets.notAllowed')} empty="never">
      {({ history }) =>
        history.length === 0 ? (
          <Text size="sm">{t('targets.noHistory')}</Text>
        ) : (
          <ol>
            {history.map((one) => (
              <li key={one.at + one.outcome}>
                <Text size="sm">
                  {t(`targets.outcome.${one.outcome}`, { when: moment(one.at) })}
                  {one.problem ? ` (${t(`targets.problems.${known(one.problem)}`)})` : ''}
                </Text>
              </li>
            ))}
          </ol>
        )
      }
    </Loaded>
  );
}
