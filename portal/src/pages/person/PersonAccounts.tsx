import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { CardList } from '../../page/CardList.tsx';
import { Section } from '../../page/Section.tsx';
import { TextLink } from '../../parts/links.tsx';
import { AccountCard } from '../targets/AccountsSection.tsx';
import type { Person } from './person.ts';

/** Their accounts at connected systems; nothing where the reader sees none. */
export function PersonAccounts({ person }: { person: Person }): ReactNode {
  const { t } = useTranslation();
  const may = useMay();
  const query = useRead(
    'account.of',
    { membershipId: person.membershipId },
    { enabled: may('target.read') && person.may.includes('user.read') },
  );
  if (!query.data || query.data.items.length === 0) return null;
  return (
    <Section title={t('targets.personTitle')}>
      <CardList label={t('targets.personTitle')}>
        {query.data.items.map((account) => (
          <AccountCard
            key={account.id}
            account={account}
            name={account.targetName}
            title={
              <TextLink
                to="/targets/$provisioningTargetId"
                params={{ provisioningTargetId: account.provisioningTargetId }}
                fw={600}
              >
                {account.targetName}
              </TextLink>
            }
          />
        ))}
      </CardList>
    </Section>
  );
}
