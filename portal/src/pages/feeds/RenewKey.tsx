import { Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import type { Feed } from './health.ts';
import { Paste } from './Paste.tsx';

/** Another key without a gap: for a day the one of now works, too, unless somebody else knows it. */
export function RenewKey({ feed, onClose }: { feed: Feed; onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const [atOnce, setAtOnce] = useState(false);
  const rotate = useChange('client.rotate');
  if (rotate.data) return <Paste address={feed.address} clientKey={rotate.data.key} onClose={onClose} />;
  const { id, version } = feed.client;
  return (
    <Stack>
      <Text size="sm">{t('feeds.renewText')}</Text>
      <Checkbox
        label={t('feeds.atOnce')}
        description={t('feeds.atOnceHint')}
        checked={atOnce}
        onChange={(event) => setAtOnce(event.currentTarget.checked)}
      />
      <ActProblem problem={rotate.error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <ActButton
          blocked={false}
          loading={rotate.isPending}
          onClick={() => rotate.mutate({ clientId: id, atOnce, ifVersion: version })}
        >
          {t('feeds.makeKey')}
        </ActButton>
      </Group>
    </Stack>
  );
}
