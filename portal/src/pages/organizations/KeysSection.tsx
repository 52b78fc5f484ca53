import { Badge, Group, Modal, Paper, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import type { Item } from '../../api/types.ts';
import { day, moment } from '../../i18n/dates.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { ActButton, GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { ConsequenceDialog } from '../../parts/ConsequenceDialog.tsx';
import { FormDialog } from '../../parts/FormDialog.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { NewKey } from './NewKey.tsx';
import type { Organization } from './organization.ts';
import { RenewApiKey } from './RenewApiKey.tsx';

type Key = Item<'client.list'>;

/** API keys: machines that act for this organization, until a day. */
export function KeysSection({ organization }: { organization: Organization }): ReactNode {
  const { t } = useTranslation();
  const query = useRead('client.list', { organizationId: organization.id });
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<Key>();
  const [renewing, setRenewing] = useState<Key>();
  const end = useChange('client.end', () => {
    sayDone(t('keys.ended'));
    setEnding(undefined);
  });
  const add = (
    <GiveButton blocked={organization.off ? t('organization.isOff') : false} onClick={() => setMaking(true)}>
      {t('keys.make')}
    </GiveButton>
  );
  return (
    <Stack>
      <Text c="dimmed" maw={720}>
        {t('keys.lead')}
      </Text>
      <Loaded
        query={query}
        notAllowed={t('organizations.notAllowed')}
        empty={{
          when: (list) => list.items.every(({ feed }) => feed),
          title: t('keys.none'),
          text: t('keys.noneText'),
          action: add,
        }}
      >
        {(list) => (
          <>
            <Group>{add}</Group>
            <Stack
              component="ul"
              p={0}
              m={0}
              style={{ listStyle: 'none' }}
              aria-label={t('keys.list')}
              gap="xs"
            >
              {list.items
                .filter(({ feed }) => !feed)
                .map((key) => (
                  <Paper component="li" withBorder p="sm" key={key.id}>
                    <Group justify="space-between">
                      <div>
                        <Text fw={600}>{key.name}</Text>
                        <Text size="sm" c="dimmed">
                          {[
                            t('keys.hint', { hint: key.hint }),
                            key.lastDay ? t('keys.until', { day: day(key.lastDay) }) : '',
                            key.lastUsedAt
                              ? t('keys.used', { when: moment(key.lastUsedAt) })
                              : t('keys.unused'),
                          ]
                            .filter(Boolean)
                            .join(' · ')}
                        </Text>
                      </div>
                      {key.state === 'active' ? (
                        <Group gap="xs">
                          <ActButton
                            size="xs"
                            variant="default"
                            blocked={false}
                            aria-label={t('keys.renewOf', { name: key.name })}
                            onClick={() => setRenewing(key)}
                          >
                            {t('keys.renew')}
                          </ActButton>
                          <TakeButton
                            size="xs"
                            blocked={false}
                            aria-label={t('keys.endOf', { name: key.name })}
                            onClick={() => setEnding(key)}
                          >
                            {t('keys.end')}
                          </TakeButton>
                        </Group>
                      ) : (
                        <Badge color="gray.7">{t(`keys.state.${key.state}`)}</Badge>
                      )}
                    </Group>
                  </Paper>
                ))}
            </Stack>
          </>
        )}
      </Loaded>
      <Modal
        opened={making}
        onClose={() => setMaking(false)}
        title={t('keys.make')}
        size="lg"
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <NewKey organization={organization} onClose={() => setMaking(false)} />
      </Modal>
      <FormDialog
        opened={renewing !== undefined}
        onClose={() => setRenewing(undefined)}
        title={t('keys.renewOf', { name: renewing?.name ?? '' })}
      >
        {renewing ? <RenewApiKey client={renewing} onClose={() => setRenewing(undefined)} /> : null}
      </FormDialog>
      <ConsequenceDialog
        opened={ending !== undefined}
        onClose={() => setEnding(undefined)}
        title={t('keys.endOf', { name: ending?.name ?? '' })}
        consequence={<Text size="sm">{t('keys.endText')}</Text>}
        confirm={t('keys.end')}
        onConfirm={() => ending && end.mutate({ clientId: ending.id, ifVersion: ending.version })}
        busy={end.isPending}
        problem={end.error}
      />
    </Stack>
  );
}
