import { Kbd, Modal, Stack, Switch, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { InboxKeys } from './inbox-keys.ts';

const keys = [
  [['j', '↓'], 'next'],
  [['k', '↑'], 'previous'],
  [['a'], 'approve'],
  [['r'], 'refuse'],
  [['x'], 'choose'],
  [['Enter'], 'open'],
  [['?'], 'help'],
] as const;

/** What the keys do, and the switch that turns the letters off. */
export function KeysHelp({
  opened,
  onClose,
  keysOn,
}: {
  opened: boolean;
  onClose: () => void;
  keysOn: InboxKeys;
}): ReactNode {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('inbox.keys.title')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Stack>
        <Text size="sm">{t('inbox.keys.lead')}</Text>
        <Table>
          <Table.Tbody>
            {keys.map(([names, act]) => (
              <Table.Tr key={act}>
                <Table.Th scope="row" fw={400}>
                  {t(`inbox.keys.${act}`)}
                </Table.Th>
                <Table.Td>
                  {names.map((name) => (
                    <Kbd key={name} mr={4}>
                      {name}
                    </Kbd>
                  ))}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Switch
          label={t('inbox.keys.on')}
          description={t('inbox.keys.onHint')}
          checked={keysOn.on}
          onChange={(event) => keysOn.setOn(event.currentTarget.checked)}
        />
      </Stack>
    </Modal>
  );
}
