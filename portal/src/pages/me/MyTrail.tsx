import { Button, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { moment } from '../../i18n/dates.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { Section } from '../../page/Section.tsx';

const atFirst = 10;
const more = 100;

/** What was done to me and by me; whoever acted on me is named. */
export function MyTrail(): ReactNode {
  const { t } = useTranslation();
  const [limit, setLimit] = useState(atFirst);
  const query = useRead('event.mine', { limit }, { keepPrevious: true });
  return (
    <Section title={t('myTrail.title')}>
      <Loaded
        query={query}
        notAllowed={t('state.notAllowedPage')}
        empty={{
          when: (page) => page.items.length === 0,
          title: t('myTrail.none'),
          text: t('myTrail.noneText'),
          action: null,
        }}
      >
        {(page) => (
          <Stack gap="sm">
            <Stack
              component="ul"
              gap={6}
              m={0}
              p={0}
              style={{ listStyle: 'none' }}
              aria-label={t('myTrail.title')}
            >
              {page.items.map((event) => (
                <li key={event.id}>
                  <Text size="sm">{event.sentence}</Text>
                  <Text size="xs" c="dimmed">
                    {moment(event.at)}
                  </Text>
                </li>
              ))}
            </Stack>
            {page.next && limit < more ? (
              <Group>
                <Button variant="default" size="xs" onClick={() => setLimit(more)}>
                  {t('myTrail.more')}
                </Button>
              </Group>
            ) : null}
          </Stack>
        )}
      </Loaded>
    </Section>
  );
}
