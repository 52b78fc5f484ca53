import { Button, Group, Stack, Tabs, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addressOf } from '../../api/client.ts';
import type { Output } from '../../api/types.ts';
import { number } from '../../i18n/dates.ts';
import { type Kind, Rows } from './Rows.tsx';

type Read = Output<'people-import.read'>;
const kinds = ['new', 'changed', 'ending', 'noted', 'same', 'problem', 'missing'] as const;

/** The difference: how many of each kind, and who they are. */
export function Outcome({ run }: { run: Read }): ReactNode {
  const { t } = useTranslation();
  const { counts, part } = run;
  const [chosen, setChosen] = useState<Kind>();
  if (!counts) return null;
  const there = kinds.filter(
    (kind) => !(part && kind === 'missing') && !(kind === 'noted' && counts.noted === 0),
  );
  const shown = chosen ?? there.find((kind) => counts[kind] > 0) ?? 'new';
  return (
    <Stack>
      <Tabs value={shown} onChange={(kind) => setChosen((kind ?? 'new') as Kind)} keepMounted={false}>
        <Tabs.List aria-label={t('peopleImport.difference')}>
          {there.map((kind) => (
            <Tabs.Tab key={kind} value={kind}>
              {t(`peopleImport.kind.${kind}`)}{' '}
              <Text span size="sm" fw={600}>
                {number(counts[kind])}
              </Text>
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {there.map((kind) => (
          <Tabs.Panel key={kind} value={kind} pt="md">
            <Stack>
              {kind === 'missing' && counts.missing > 0 ? (
                <Text size="sm">{t('peopleImport.missingText')}</Text>
              ) : null}
              {kind === 'problem' && counts.problem > 0 ? (
                <Group>
                  <Button
                    component="a"
                    variant="default"
                    href={addressOf('people-import.errors', { importId: run.importId })}
                    download
                    leftSection={<IconDownload size={16} aria-hidden />}
                  >
                    {t('peopleImport.file')}
                  </Button>
                </Group>
              ) : null}
              <Rows importId={run.importId} kind={kind} count={counts[kind]} />
            </Stack>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Stack>
  );
}
