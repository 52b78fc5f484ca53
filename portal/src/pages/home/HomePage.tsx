import { Group, Paper, Stack, Text } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { day } from '../../i18n/dates.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { Section } from '../../page/Section.tsx';
import { PathLink, TextLink } from '../../parts/links.tsx';
import { Launcher } from '../me/Launcher.tsx';

/** A short list of what needs you; below it the applications to open. */
export function HomePage(): ReactNode {
  const { t } = useTranslation();
  const { user } = useSession();
  const query = useRead('home.read', {});
  return (
    <Page title={t('home.title', { name: user.displayName })}>
      {query.data?.lastDay ? <NearLastDay lastDay={query.data.lastDay} /> : null}
      <Section title={t('home.needsYou')}>
        <Loaded
          query={query}
          notAllowed={t('state.notAllowedPage')}
          empty={{
            when: (home) => home.items.length === 0,
            title: t('home.nothing'),
            text: t('home.nothingText'),
            action: null,
          }}
        >
          {(home) => (
            <Stack
              component="ul"
              gap="xs"
              m={0}
              p={0}
              style={{ listStyle: 'none' }}
              aria-label={t('home.needsYou')}
            >
              {home.items.map((item) => (
                <Paper component="li" withBorder p="sm" key={`${item.kind} ${item.link} ${item.sentence}`}>
                  <Group justify="space-between" wrap="nowrap">
                    <Text size="sm">{item.sentence}</Text>
                    <PathLink path={item.link} size="sm" style={{ flex: 'none' }}>
                      <Group gap={2} wrap="nowrap" component="span">
                        {t('home.look')}
                        <IconChevronRight size={16} aria-hidden />
                      </Group>
                    </PathLink>
                  </Group>
                </Paper>
              ))}
            </Stack>
          )}
        </Loaded>
      </Section>
      <Section title={t('home.applications')}>
        <Launcher />
      </Section>
    </Page>
  );
}

/** Quiet: nothing has to be done about it, and whoever stays longer knows where to ask. */
function NearLastDay({ lastDay }: { lastDay: string }): ReactNode {
  const { t } = useTranslation();
  const { membership } = useSession();
  return (
    <Text size="sm">
      {t('me.lastDayNear', { day: day(lastDay), organization: membership.organizationName })}{' '}
      <TextLink to="/ask" search={{ kind: 'last-day' }} inherit>
        {t('me.askLonger')}
      </TextLink>
    </Text>
  );
}
