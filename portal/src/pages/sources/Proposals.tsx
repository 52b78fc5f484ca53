import { Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import type { Item } from '../../api/types.ts';
import { day } from '../../i18n/dates.ts';
import { Card, CardList } from '../../page/CardList.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton, TakeButton } from '../../parts/ActButton.tsx';
import { TextLink } from '../../parts/links.tsx';
import { PreviewedDialog } from '../../parts/PreviewedDialog.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';

type Proposal = Item<'proposal.list'>;

/** People who came from a directory, or any, and are not there any more: nobody is ended before somebody says so. */
export function Proposals({
  sourceId,
  onlySome = false,
}: {
  sourceId?: string;
  /** says nothing where nobody waits */
  onlySome?: boolean;
}): ReactNode {
  const { t } = useTranslation();
  const may = useMay();
  const [cursors, setCursors] = useState<string[]>([]);
  const decides = may('membership.end');
  const query = useRead(
    'proposal.list',
    { sourceId, cursor: cursors.at(-1), limit: 20 },
    { enabled: decides, keepPrevious: true },
  );
  if (!decides) return null;
  if (onlySome && cursors.length === 0 && !query.data?.items.length) return null;
  return (
    <Section title={t('sources.toDecide')}>
      <Loaded
        query={query}
        notAllowed={t('sources.notAllowed')}
        empty={{
          when: (page) => page.items.length === 0 && cursors.length === 0,
          title: t('sources.nobodyToDecide'),
          text: t('sources.nobodyToDecideText'),
          action: null,
        }}
      >
        {(page) => (
          <CardList
            label={t('sources.toDecide')}
            gap="xs"
            next={
              page.next || cursors.length > 0 ? (
                <>
                  {cursors.length > 0 ? (
                    <ActButton
                      size="xs"
                      variant="default"
                      blocked={false}
                      onClick={() => setCursors(cursors.slice(0, -1))}
                    >
                      {t('peopleImport.previousPage')}
                    </ActButton>
                  ) : null}
                  {page.next ? (
                    <ActButton
                      size="xs"
                      variant="default"
                      blocked={false}
                      onClick={() => setCursors([...cursors, page.next!])}
                    >
                      {t('table.next')}
                    </ActButton>
                  ) : null}
                </>
              ) : null
            }
          >
            {page.items.map((one) => (
              <ProposalCard key={one.proposalId} proposal={one} />
            ))}
          </CardList>
        )}
      </Loaded>
    </Section>
  );
}

function ProposalCard({ proposal }: { proposal: Proposal }): ReactNode {
  const { t } = useTranslation();
  const may = useMay();
  const [asked, setAsked] = useState<'end' | 'suspend'>();
  const { proposalId, displayName: name, organizationName: organization } = proposal;
  const keep = useChange('proposal.settle', () => sayDone(t('sources.kept', { name })));
  const close = (): void => setAsked(undefined);
  return (
    <Card
      name={name}
      title={
        <TextLink to="/people/$membershipId" params={{ membershipId: proposal.membershipId }} fw={600}>
          {name}
        </TextLink>
      }
      facts={[
        proposal.title,
        organization,
        proposal.why === 'missing'
          ? t('sources.isMissing', { since: day(proposal.createdAt) })
          : t('sources.isOff', { since: day(proposal.createdAt) }),
      ]}
      acts={
        <>
          <TakeButton
            size="xs"
            blocked={false}
            aria-label={t('sources.endOf', { name, organization })}
            onClick={() => setAsked('end')}
          >
            {t('sources.end')}
          </TakeButton>
          {may('membership.suspend') ? (
            <TakeButton
              size="xs"
              blocked={false}
              aria-label={t('sources.suspendOf', { name, organization })}
              onClick={() => setAsked('suspend')}
            >
              {t('sources.suspend')}
            </TakeButton>
          ) : null}
          <ActButton
            size="xs"
            variant="default"
            blocked={false}
            loading={keep.isPending}
            aria-label={t('sources.keepOf', { name })}
            onClick={() => keep.mutate({ proposalId, how: 'keep' })}
          >
            {t('sources.keep')}
          </ActButton>
        </>
      }
      below={<ActProblem problem={keep.error} />}
    >
      <PreviewedDialog
        opened={asked === 'end'}
        onClose={close}
        operation="proposal.settle"
        input={{ proposalId, how: 'end' }}
        title={t('sources.endOf', { name, organization })}
        text={<Text size="sm">{t('sources.endText')}</Text>}
        confirm={t('sources.end')}
        onDone={() => sayDone(t('sources.ended', { name, organization }))}
      />
      <PreviewedDialog
        opened={asked === 'suspend'}
        onClose={close}
        operation="proposal.settle"
        input={{ proposalId, how: 'suspend' }}
        title={t('sources.suspendOf', { name, organization })}
        text={<Text size="sm">{t('sources.suspendText')}</Text>}
        confirm={t('sources.suspend')}
        onDone={() => sayDone(t('sources.suspended', { name, organization }))}
      />
    </Card>
  );
}
