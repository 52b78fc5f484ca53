import { Button, Group, Modal, Select, Stack, Text, Textarea } from '@mantine/core';
import { IconArrowForwardUp } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { OneRequest } from './one-request.ts';

/** To somebody who can decide it, too; nobody else is offered. */
export function PassOn({ request }: { request: OneRequest }): ReactNode {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  const [who, setWho] = useState<string | null>(null);
  const [words, setWords] = useState('');
  const pass = useChange('request.pass-on', () => {
    setOpened(false);
    const name = request.canDecide.find(({ membershipId }) => membershipId === who)?.displayName;
    sayDone(t('passOn.done', { name }));
  });
  return (
    <Group>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconArrowForwardUp size={16} aria-hidden />}
        onClick={() => setOpened(true)}
      >
        {t('passOn.open')}
      </Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={t('passOn.title')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (!who) return;
            pass.mutate({
              requestId: request.requestId,
              membershipId: who,
              ...(words.trim() ? { words } : {}),
            });
          }}
        >
          <Stack>
            <Text size="sm">{t('passOn.lead')}</Text>
            <Select
              label={t('passOn.who')}
              required
              searchable
              value={who}
              onChange={setWho}
              data={request.canDecide.map(({ membershipId, displayName, organizationName }) => ({
                value: membershipId,
                label: t('picker.personAt', { name: displayName, organization: organizationName }),
              }))}
            />
            <Textarea
              label={t('passOn.words')}
              value={words}
              onChange={(event) => setWords(event.currentTarget.value)}
              autosize
              maxLength={2000}
            />
            <ActProblem problem={pass.error} />
            <Group justify="flex-end">
              <Button type="submit" loading={pass.isPending}>
                {t('passOn.send')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </Group>
  );
}
