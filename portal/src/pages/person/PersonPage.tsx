import { Badge, Grid, Group, Stack, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { ButtonLink, TextLink } from '../../parts/links.tsx';
import { Why } from '../../parts/Why.tsx';
import { StateBadge } from '../people/StateBadge.tsx';
import { LeaveButton } from './LeaveButton.tsx';
import { LeftByPerson } from './LeftByPerson.tsx';
import { MoveButton } from './MoveButton.tsx';
import { PersonAccess } from './PersonAccess.tsx';
import { PersonAccounts } from './PersonAccounts.tsx';
import { PersonDelegations } from './PersonDelegations.tsx';
import { PersonDetails } from './PersonDetails.tsx';
import { PersonSignIn } from './PersonSignIn.tsx';
import type { Person } from './person.ts';
import { SuspendButton } from './SuspendButton.tsx';

export function PersonPage(): ReactNode {
  const { t } = useTranslation();
  const { membershipId } = useParams({ from: '/shell/people/$membershipId' });
  const query = useRead('membership.read', { membershipId });
  const person = query.data;
  return (
    <Page
      title={person?.user.displayName ?? t('person.title')}
      above={
        <TextLink to="/people" size="sm">
          {t('person.back')}
        </TextLink>
      }
      lead={
        person ? (
          <Group gap="xs">
            <Text c="inherit">
              {person.title
                ? t('person.titleAt', { title: person.title, organization: person.organization.name })
                : person.organization.name}
            </Text>
            <StateBadge state={person.state} />
            {person.isSelf ? (
              <Badge variant="outline" tt="none">
                {t('person.self')}
              </Badge>
            ) : (
              <Why
                question={{ about: 'act', permission: 'user.read', membershipId }}
                label={t('person.whySeen', { name: person.user.displayName })}
              />
            )}
          </Group>
        ) : undefined
      }
      actions={
        person ? (
          <>
            <SuspendButton person={person} />
            <MoveButton key={person.membershipId} person={person} />
            <LeaveButton person={person} />
          </>
        ) : undefined
      }
    >
      <Loaded query={query} notAllowed={t('person.notAllowed')} empty="never">
        {(loaded) => (
          <Grid gap="lg">
            <Grid.Col span={{ base: 12, md: 7 }}>
              <Stack gap="lg">
                {loaded.state === 'left' ? <LeftByPerson person={loaded} /> : null}
                <PersonAccess person={loaded} />
                <PersonDelegations person={loaded} />
              </Stack>
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 5 }}>
              <Stack gap="lg">
                <PersonDetails person={loaded} />
                <PersonSignIn person={loaded} />
                <PersonAccounts person={loaded} />
                {loaded.may.includes('user.read') ? <TrailLink person={loaded} /> : null}
              </Stack>
            </Grid.Col>
          </Grid>
        )}
      </Loaded>
    </Page>
  );
}

function TrailLink({ person }: { person: Person }): ReactNode {
  const { t } = useTranslation();
  if (!person.may.includes('audit.read')) return null;
  return (
    <ButtonLink variant="default" to="/trail" search={{ subjectId: person.user.id }}>
      {t('person.trail')}
    </ButtonLink>
  );
}
