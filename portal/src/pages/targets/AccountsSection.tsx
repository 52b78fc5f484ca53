import { SegmentedControl, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Item } from '../../api/types.ts';
import { moment } from '../../i18n/dates.ts';
import { Card, CardList } from '../../page/CardList.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton } from '../../parts/ActButton.tsx';

const states = ['all', 'dead', 'waiting', 'ignored'] as const;
type Account = Item<'account.list'>;

/** Accounts there of people whom the reader sees; those that wait for somebody by themselves. */
export function AccountsSection({ provisioningTargetId }: { provisioningTargetId: string }): ReactNode {
  const { t } = useTranslation();
  const [state, setState] = useState<(typeof states)[number]>('all');
  const [cursor, setCursor] = useState<string>();
  const query = useRead(
    'account.list',
    { provisioningTargetId, ...(state === 'all' ? {} : { state }), cursor, limit: 20 },
    { keepPrevious: true },
  );
  return (
    <Section title={t('targets.accountsTitle')}>
      <SegmentedControl
        aria-label={t('targets.whichAccounts')}
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
                <AccountCard key={account.id} account={account} title={account.displayName} />
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
export function AccountCard({ account, title }: { account: Account; title: string }): ReactNode {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { state, stands, roles, problem, ignored, deleteAfter } = account;
  return (
    <Card
      name={title}
      facts={[
        t(`targets.stands.${stands}`),
        ...(roles.length > 0 ? [roles.join(', ')] : []),
        ...(state === 'done' ? [] : [t(`targets.is.${state}`)]),
        ...(problem && state !== 'done' ? [problem] : []),
        ...(ignored ? [t('targets.leftSo', { reason: ignored })] : []),
        ...(deleteAfter ? [t('targets.deletedAfter', { when: moment(deleteAfter) })] : []),
      ]}
      acts={
        <ActButton
          size="xs"
          variant="default"
          blocked={false}
          aria-expanded={open}
          aria-label={t('targets.historyOf', { name: title })}
          onClick={() => setOpen(!open)}
        >
          {t('targets.history')}
        </ActButton>
      }
    >
      {open ? <History accountId={account.id} /> : null}
    </Card>
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
                  {one.problem ? ` (${one.problem})` : ''}
                </Text>
              </li>
            ))}
          </ol>
        )
      }
    </Loaded>
  );
}
