import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { IconDownload, IconFileExport } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { saveFile } from '../../parts/save-file.ts';
import type { Organization } from './organization.ts';

/** This organization and all below it as the six files of a take-over; taken over again they change nothing. */
export function SaveTree({ organization }: { organization: Organization }): ReactNode {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconFileExport size={16} aria-hidden />}
        onClick={() => setOpened(true)}
      >
        {t('saveTree.open')}
      </Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={t('saveTree.title', { organization: organization.name })}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <Files organizationId={organization.id} />
      </Modal>
    </>
  );
}

function Files({ organizationId }: { organizationId: string }): ReactNode {
  const { t } = useTranslation();
  const query = useRead('organization.export', { organizationId });
  return (
    <Loaded query={query} notAllowed={t('organizations.notAllowed')} empty="never">
      {({ files }) => {
        const all = Object.entries(files);
        return (
          <Stack>
            <Text size="sm">{t('saveTree.lead')}</Text>
            <Group>
              <Button
                leftSection={<IconDownload size={16} aria-hidden />}
                onClick={() => {
                  for (const [name, content] of all) saveFile(name, 'text/csv', content);
                }}
              >
                {t('saveTree.all')}
              </Button>
            </Group>
            <Stack gap="xs" align="flex-start">
              {all.map(([name, content]) => (
                <Button
                  key={name}
                  size="xs"
                  variant="default"
                  onClick={() => saveFile(name, 'text/csv', content)}
                >
                  {name}
                </Button>
              ))}
            </Stack>
          </Stack>
        );
      }}
    </Loaded>
  );
}
