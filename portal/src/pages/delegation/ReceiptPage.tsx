import { List, Stack, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { day, moment } from '../../i18n/dates.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { Section } from '../../page/Section.tsx';
import { TextLink } from '../../parts/links.tsx';

type Receipt = Output<'delegation.receipt'>;

/** Everything that ended with a delegation, on one page. */
export function ReceiptPage(): ReactNode {
  const { t } = useTranslation();
  const { delegationId } = useParams({ from: '/shell/delegations/$delegationId/receipt' });
  const query = useRead('delegation.receipt', { delegationId });
  const delegation = useRead('delegation.read', { delegationId });
  const name = delegation.data?.delegate.name;
  return (
    <Page
      title={name ? t('receipt.titleOf', { name }) : t('receipt.title')}
      lead={delegation.data?.sentence}
      above={
        <TextLink to="/map" search={{}} size="sm">
          {t('map.title')}
        </TextLink>
      }
    >
      <Loaded query={query} notAllowed={t('receipt.notAllowed')} empty="never">
        {(receipt) => <Contents receipt={receipt} />}
      </Loaded>
    </Page>
  );
}

function Contents({ receipt }: { receipt: Receipt }): ReactNode {
  const { t } = useTranslation();
  const at = (name: string, organization: string): string => t('picker.personAt', { name, organization });
  /** the role, and before it what is to become of it; or just what is asked for */
  const askedFor = ({ kind, asksFor }: Receipt['requests'][number]): string =>
    kind === 'access' ? asksFor : [t(`inbox.kind.${kind}`), asksFor].filter(Boolean).join(' · ');
  const parts: [string, string[]][] = [
    [
      t('receipt.delegations'),
      receipt.delegations.map((one) => [one.delegate, one.adminRole, one.place].filter(Boolean).join(' · ')),
    ],
    [
      t('receipt.access'),
      receipt.access.map(
        (one) =>
          `${at(one.name, one.organizationName)}: ${t('access.roleOf', { role: one.entitlementName, application: one.applicationName })}`,
      ),
    ],
    [
      t('receipt.invitations'),
      receipt.invitations.map((one) =>
        [one.name, one.email, one.organizationName].filter(Boolean).join(' · '),
      ),
    ],
    [
      t('receipt.deputies'),
      receipt.deputies.map((one) =>
        [
          t('receipt.deputyFor', { name: one.name, for: one.for }),
          one.lastDay ? t('managers.until', { day: day(one.lastDay) }) : '',
        ]
          .filter(Boolean)
          .join(' · '),
      ),
    ],
    [
      t('receipt.requests'),
      receipt.requests.map((one) => `${at(one.name, one.organizationName)}: ${askedFor(one)}`),
    ],
    [
      t('receipt.sessions'),
      receipt.sessions.map((one) =>
        t('receipt.session', { who: at(one.name, one.organizationName), count: one.count }),
      ),
    ],
  ];
  const shown = parts.filter(([, lines]) => lines.length > 0);
  return (
    <Stack gap="lg">
      <div>
        <Text fw={600}>{receipt.sentence}</Text>
        <Text size="sm" c="dimmed">
          {t('receipt.when', { when: moment(receipt.endedAt), name: receipt.endedBy.name })}
        </Text>
      </div>
      {shown.map(([title, lines]) => (
        <Section key={title} title={t('receipt.counted', { title, count: lines.length })}>
          <List size="sm" spacing={2}>
            {[...new Set(lines)].map((line) => (
              <List.Item key={line}>{line}</List.Item>
            ))}
          </List>
        </Section>
      ))}
      {receipt.outside ? <Text size="sm">{t('receipt.outside')}</Text> : null}
    </Stack>
  );
}
