import { Alert, List, Stack, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { EmptyState } from '../../page/EmptyState.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import { TextLink } from '../../parts/links.tsx';

type Seen = Output<'user.see-as'>;

/** What somebody sees and may do, where the reader sees it too. They are told, so it waits for a click. */
export function SeeAsPage(): ReactNode {
  const { t } = useTranslation();
  const { membershipId } = useParams({ from: '/shell/people/$membershipId/see-as' });
  const person = useRead('membership.read', { membershipId });
  const [seen, setSeen] = useState<Seen>();
  const look = useChange('user.see-as', setSeen);
  const name = person.data?.user.displayName ?? '';
  const blocked = person.data?.isSelf
    ? t('seeAs.self')
    : person.data?.may.includes('delegation.read')
      ? false
      : t('seeAs.notAllowed');
  return (
    <Page
      title={name ? t('seeAs.titleOf', { name }) : t('seeAs.open')}
      lead={t('seeAs.lead')}
      above={
        <TextLink to="/people/$membershipId" params={{ membershipId }} size="sm">
          {t('given.back')}
        </TextLink>
      }
    >
      <Loaded query={person} notAllowed={t('seeAs.notAllowed')} empty="never">
        {() =>
          seen ? (
            <What seen={seen} />
          ) : (
            <Stack align="flex-start">
              <Alert color="yellow" variant="outline" c="inherit">
                {t('seeAs.told', { name })}
              </Alert>
              <ActButton
                blocked={blocked}
                why={!person.data?.isSelf && { permission: 'delegation.read', membershipId }}
                loading={look.isPending}
                onClick={() => look.mutate({ membershipId })}
              >
                {t('seeAs.look', { name })}
              </ActButton>
              <ActProblem problem={look.error} />
            </Stack>
          )
        }
      </Loaded>
    </Page>
  );
}

/** Acts that are possible in the same places stand together: most managers have one such group. */
function byPlaces(mayDo: Seen['mayDo']): { where: string; acts: string[] }[] {
  const groups = new Map<string, string[]>();
  for (const { words, organizations } of mayDo) {
    const where = organizations.map(({ name }) => name).join(', ');
    groups.set(where, [...(groups.get(where) ?? []), words]);
  }
  return [...groups].map(([where, acts]) => ({ where, acts }));
}

function What({ seen }: { seen: Seen }): ReactNode {
  const { t } = useTranslation();
  const lists: [string, string[]][] = [
    [t('seeAs.organizations'), seen.organizations.map(({ name }) => name)],
    [
      t('seeAs.people'),
      seen.people.map(({ displayName, organizationName }) =>
        t('picker.personAt', { name: displayName, organization: organizationName }),
      ),
    ],
  ];
  return (
    <Stack gap="lg" role="status">
      <Section title={t('seeAs.mayDo')}>
        {seen.mayDo.length === 0 ? (
          <EmptyState title={t('seeAs.nothing')} text="" action={null} />
        ) : (
          byPlaces(seen.mayDo).map(({ where, acts }) => (
            <div key={where}>
              {where ? (
                <Text size="sm" fw={600} mb={2}>
                  {where}
                </Text>
              ) : null}
              <List size="sm" spacing={2} style={{ columns: '260px' }}>
                {acts.map((act) => (
                  <List.Item key={act}>{act}</List.Item>
                ))}
              </List>
            </div>
          ))
        )}
      </Section>
      {lists.map(([title, lines]) => (
        <Section key={title} title={title}>
          {lines.length === 0 ? (
            <EmptyState title={t('seeAs.nothing')} text="" action={null} />
          ) : (
            <List size="sm" spacing={2}>
              {[...new Set(lines)].map((line) => (
                <List.Item key={line}>{line}</List.Item>
              ))}
            </List>
          )}
        </Section>
      ))}
      {seen.more ? (
        <Text size="sm" c="dimmed">
          {t('seeAs.more')}
        </Text>
      ) : null}
    </Stack>
  );
}
