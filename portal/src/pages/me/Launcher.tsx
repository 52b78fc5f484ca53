import { Button, Group, Paper, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { NotNow, sentencesOf, soonBegins } from '../../access/standing.tsx';
import { useRead } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import type { Output } from '../../api/types.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { TextLink } from '../../parts/links.tsx';
import { Why } from '../../parts/Why.tsx';
import { AskAboutButtons } from '../ask/AskAboutButtons.tsx';

type Application = Output<'access.mine'>['applications'][number];

/** The applications one has, to open; each with the roles and, on the page of one's own access, where they come from. */
export function Launcher({ withWhy = false }: { withWhy?: boolean }): ReactNode {
  const { t } = useTranslation();
  const query = useRead('access.mine', {}, { refetchEveryMs: soonBegins });
  return (
    <Loaded
      query={query}
      notAllowed={t('state.notAllowedPage')}
      empty={{
        when: (mine) => mine.applications.length === 0,
        title: t('launcher.none'),
        text: t('launcher.noneText'),
        action: <TextLink to="/ask">{t('navigation.ask')}</TextLink>,
      }}
    >
      {(mine) => (
        <SimpleGrid
          component="ul"
          cols={{ base: 1, sm: 2, lg: 3 }}
          m={0}
          p={0}
          style={{ listStyle: 'none' }}
          aria-label={t('launcher.label')}
        >
          {mine.applications.map((application) => (
            <ApplicationCard key={application.applicationId} application={application} withWhy={withWhy} />
          ))}
        </SimpleGrid>
      )}
    </Loaded>
  );
}

function ApplicationCard({
  application,
  withWhy,
}: {
  application: Application;
  withWhy: boolean;
}): ReactNode {
  const { t } = useTranslation();
  return (
    <Paper component="li" withBorder p="md">
      <Stack gap="xs" h="100%" justify="space-between">
        <div>
          <Text fw={650}>{application.name}</Text>
          {application.description ? (
            <Text size="sm" c="dimmed">
              {application.description}
            </Text>
          ) : null}
          {application.roles.map((role) => (
            <div key={role.entitlementId}>
              <Group gap="xs" mt={6}>
                <Text size="sm">{role.name}</Text>
                {role.held ? null : <NotNow access={role.sources} />}
                {withWhy ? (
                  <Why
                    question={{
                      about: 'access',
                      sentences: sentencesOf(role.sources),
                      ask: role.held ? undefined : { application: application.name, role: role.name },
                    }}
                    label={t('access.roleOf', { role: role.name, application: application.name })}
                  />
                ) : null}
              </Group>
              {withWhy ? <AskAboutOwn sources={role.sources} /> : null}
            </div>
          ))}
        </div>
        {application.homeUrl && application.held ? (
          <Button
            component="a"
            href={application.homeUrl}
            target="_blank"
            rel="noreferrer"
            variant="light"
            leftSection={<IconExternalLink size={16} aria-hidden />}
          >
            {t('launcher.open', { name: application.name })}
          </Button>
        ) : null}
      </Stack>
    </Paper>
  );
}

/** Each way in which one has it is asked about for itself. */
function AskAboutOwn({ sources }: { sources: Application['roles'][number]['sources'] }): ReactNode {
  const { user } = useSession();
  return sources.map((source) => (
    <AskAboutButtons key={source.assignmentId} source={source} who={user.displayName} />
  ));
}
