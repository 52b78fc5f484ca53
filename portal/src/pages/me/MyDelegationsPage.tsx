import { List, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { EmptyState } from '../../page/EmptyState.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { Section } from '../../page/Section.tsx';
import { TakeButton } from '../../parts/ActButton.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { PreviewedDialog } from '../../parts/PreviewedDialog.tsx';
import { sayEnded } from '../../parts/say-ended.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { DelegationCard } from './DelegationCard.tsx';

type Mine = Output<'delegation.mine'>;
type Delegation = Mine['received'][number];

/** Received, handed out, passed on: one page, the same for everybody. */
export function MyDelegationsPage(): ReactNode {
  const { t } = useTranslation();
  const query = useRead('delegation.mine', {});
  return (
    <Page
      title={t('delegations.title')}
      lead={t('delegations.lead')}
      actions={
        <ButtonLink to="/me/acting-on-me" variant="default">
          {t('delegations.actingOnMe')}
        </ButtonLink>
      }
    >
      <Loaded query={query} notAllowed={t('state.notAllowedPage')} empty="never">
        {(mine) => (
          <Stack gap="lg">
            <Section title={t('delegations.mayDo')}>
              {mine.mayDo.length > 0 ? (
                <List size="sm" spacing={4} style={{ columns: '280px', columnGap: 40 }}>
                  {mine.mayDo.map((words) => (
                    <List.Item key={words}>{words}</List.Item>
                  ))}
                </List>
              ) : (
                <EmptyState
                  title={t('delegations.nothing')}
                  text={t('delegations.nothingText')}
                  action={null}
                />
              )}
            </Section>
            <HandOut received={mine.received} />
            <Section title={t('delegations.received')}>
              {mine.received.length > 0 ? (
                <Stack>
                  {mine.received.map((one) => (
                    <DelegationCard key={one.id} delegation={one}>
                      <Resign delegation={one} />
                    </DelegationCard>
                  ))}
                </Stack>
              ) : (
                <EmptyState
                  title={t('delegations.noneReceived')}
                  text={t('delegations.noneReceivedText')}
                  action={null}
                />
              )}
            </Section>
            <Section title={t('delegations.given')}>
              {mine.given.length > 0 ? (
                <Stack>
                  {mine.given.map((one) => (
                    <DelegationCard key={one.id} delegation={one}>
                      {one.mayChange ? <End delegation={one} /> : null}
                    </DelegationCard>
                  ))}
                </Stack>
              ) : (
                <EmptyState
                  title={t('delegations.noneGiven')}
                  text={t('delegations.noneGivenText')}
                  action={null}
                />
              )}
            </Section>
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

/** "What may I hand out", in words, from the links that are in force. */
function HandOut({ received }: { received: readonly Delegation[] }): ReactNode {
  const { t } = useTranslation();
  const inForce = received.filter((one) => one.effective && one.permissions.includes('access.grant'));
  if (inForce.length === 0) return null;
  const all = inForce.some((one) => one.entitlements.all);
  const names = new Set(
    inForce.flatMap((one) => [
      ...one.entitlements.applications.map((application) =>
        t('delegations.everyRoleOf', { name: application.name }),
      ),
      ...one.entitlements.entitlements.map((role) =>
        t('access.roleOf', { role: role.name, application: role.applicationName }),
      ),
    ]),
  );
  return (
    <Section title={t('delegations.handOut')}>
      {all ? (
        <Text size="sm">{t('delegations.handOutAll')}</Text>
      ) : names.size === 0 ? (
        <Text size="sm">{t('delegations.handOutNothing')}</Text>
      ) : (
        <List size="sm" spacing={4}>
          {[...names].map((name) => (
            <List.Item key={name}>{name}</List.Item>
          ))}
        </List>
      )}
    </Section>
  );
}

function Resign({ delegation }: { delegation: Delegation }): ReactNode {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  // What comes through a relation is not one person's to give up.
  if (delegation.state === 'ended' || delegation.delegate.kind !== 'user') return null;
  return (
    <div>
      <TakeButton size="compact-sm" blocked={false} onClick={() => setAsking(true)}>
        {t('delegations.resign')}
      </TakeButton>
      <PreviewedDialog
        opened={asking}
        onClose={() => setAsking(false)}
        operation="delegation.resign"
        input={{ delegationId: delegation.id }}
        title={t('delegations.resignTitle')}
        text={<Text size="sm">{t('delegations.resignConsequence', { sentence: delegation.sentence })}</Text>}
        confirm={t('delegations.resign')}
        onDone={() => sayDone(t('delegations.resigned'))}
      />
    </div>
  );
}

function End({ delegation }: { delegation: Delegation }): ReactNode {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  return (
    <div>
      <TakeButton size="compact-sm" blocked={false} onClick={() => setAsking(true)}>
        {t('delegations.end')}
      </TakeButton>
      <PreviewedDialog
        opened={asking}
        onClose={() => setAsking(false)}
        operation="delegation.end"
        input={{ delegationId: delegation.id }}
        title={t('delegations.endTitle', { name: delegation.delegate.name })}
        text={<Text size="sm">{t('delegations.endConsequence', { sentence: delegation.sentence })}</Text>}
        confirm={t('delegations.end')}
        onDone={() => sayEnded(t('delegations.ended'), delegation.id)}
      />
    </div>
  );
}
