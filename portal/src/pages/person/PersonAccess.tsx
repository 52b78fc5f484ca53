import { Box, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { GiveAccessDialog } from '../../access/GiveAccessDialog.tsx';
import { NotNow, sentencesOf, soonBegins } from '../../access/standing.tsx';
import { call } from '../../api/client.ts';
import { useChange, useRead } from '../../api/queries.ts';
import type { Item } from '../../api/types.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { Section } from '../../page/Section.tsx';
import { GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { offerUndo, sayProblem } from '../../parts/undo-toast.tsx';
import { Why } from '../../parts/Why.tsx';
import { AskAboutButtons } from '../ask/AskAboutButtons.tsx';
import { hasLeft } from './has-left.ts';
import type { Person } from './person.ts';

type Source = Item<'access.of'>;
/** One role, with every way in which it comes; never empty. */
type Access = readonly [Source, ...Source[]];

export function PersonAccess({ person }: { person: Person }): ReactNode {
  const { t } = useTranslation();
  const [giving, setGiving] = useState(false);
  const query = useRead('access.of', { membershipId: person.membershipId }, { refetchEveryMs: soonBegins });
  const mayGive = person.may.includes('access.grant') && !person.isSelf;
  const left = hasLeft(t, person);
  const give = (
    <GiveButton
      blocked={
        left || (mayGive ? false : person.isSelf ? t('access.notToYourself') : t('access.giveNotAllowed'))
      }
      why={!person.isSelf && !left && { permission: 'access.grant', membershipId: person.membershipId }}
      onClick={() => setGiving(true)}
    >
      {t('access.giveAccess')}
    </GiveButton>
  );
  return (
    <Section title={t('person.access')} actions={give}>
      <Loaded
        query={query}
        notAllowed={t('person.accessNotAllowed')}
        empty={{
          when: (page) => page.items.length === 0,
          title: t('person.noAccess'),
          text: t('person.noAccessText'),
          action: null,
        }}
      >
        {(page) => (
          <Stack
            gap="xs"
            component="ul"
            m={0}
            p={0}
            style={{ listStyle: 'none' }}
            aria-label={t('person.access')}
          >
            {byRole(page.items).map((access) => (
              <AccessRow key={access[0].entitlementId} access={access} person={person} />
            ))}
          </Stack>
        )}
      </Loaded>
      <GiveAccessDialog
        opened={giving}
        onClose={() => setGiving(false)}
        people={[{ membershipId: person.membershipId, displayName: person.user.displayName }]}
        organizationId={person.organization.id}
      />
    </Section>
  );
}

function byRole(items: readonly Source[]): Access[] {
  const roles = new Map<string, [Source, ...Source[]]>();
  for (const item of items) {
    const row = roles.get(item.entitlementId);
    if (row) row.push(item);
    else roles.set(item.entitlementId, [item]);
  }
  return [...roles.values()];
}

function AccessRow({ access, person }: { access: Access; person: Person }): ReactNode {
  const { t } = useTranslation();
  const [{ entitlementName, applicationName }] = access;
  const name = t('access.roleOf', { role: entitlementName, application: applicationName });
  return (
    <Box component="li" py={4}>
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <Text size="sm" fw={600}>
            {name}
          </Text>
          {access.some((source) => source.held) ? null : <NotNow access={access} />}
        </Group>
        <Why question={{ about: 'access', sentences: sentencesOf(access) }} label={name} />
      </Group>
      {access.map((source) => (
        <SourceRow key={source.assignmentId} source={source} person={person} />
      ))}
    </Box>
  );
}

/** One way in which the access comes. Several may stand side by side; taking one leaves the others. */
function SourceRow({ source, person }: { source: Source; person: Person }): ReactNode {
  const { t } = useTranslation();
  // an access role is given and taken as a whole
  const name =
    source.source.accessRoleName ??
    t('access.roleOf', { role: source.entitlementName, application: source.applicationName });
  const end = useChange('assignment.end', () => {
    offerUndo(t('access.taken', { access: name, who: person.user.displayName }), () =>
      call('assignment.undo', { assignmentIds: [source.assignmentId] }),
    );
  });
  const blocked =
    source.source.kind === 'organization'
      ? t('access.takeAtOrganization', { name: source.source.name ?? person.organization.name })
      : person.isSelf
        ? t('access.notFromYourself')
        : source.mayEnd
          ? false
          : t('access.takeNotAllowed');
  return (
    <Group justify="space-between" gap="xs" wrap={blocked === false ? 'nowrap' : 'wrap'}>
      <Text size="xs" c="dimmed">
        {sentencesOf([source]).join(' ')}
      </Text>
      <TakeButton
        size="compact-sm"
        style={{ flex: 'none' }}
        blocked={blocked}
        why={
          source.source.kind !== 'organization' &&
          !person.isSelf && {
            permission: 'access.end',
            membershipId: person.membershipId,
            entitlementId: source.entitlementId,
          }
        }
        loading={end.isPending}
        aria-label={t('access.takeLabel', { access: name })}
        onClick={() => end.mutate({ assignmentId: source.assignmentId }, { onError: sayProblem })}
      >
        {t('access.take')}
      </TakeButton>
      {blocked === false ? null : <AskAboutButtons source={source} who={person.user.displayName} />}
    </Group>
  );
}
