import { Button, Group, Paper, Stack, Text } from '@mantine/core';
import { IconPrinter } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { moment } from '../i18n/dates.ts';

type Props = {
  personName: string;
  organizationName: string;
  userName: string;
  /** one-time; shown here and never again */
  code: string;
  signInUrl: string;
  expiresAt?: string | undefined;
};

/** As one types it off paper: the organization stands on the sheet by its name, which serves as well as its id. */
const typed = (url: string): string => url.replace(/\?.*$/, '');

/** The sheet that a manager prints and hands over to somebody without e-mail. */
export function CodeSheet(props: Props): ReactNode {
  const { t } = useTranslation();
  const lines: [string, string][] = [
    [t('codeSheet.address'), typed(props.signInUrl)],
    [t('field.organization'), props.organizationName],
    [t('field.userName'), props.userName],
    [t('codeSheet.code'), props.code],
  ];
  return (
    <Stack>
      <Paper
        withBorder
        p="lg"
        data-print-sheet
        role="region"
        aria-label={t('codeSheet.title', { name: props.personName })}
      >
        <Stack gap="xs">
          <Text fw={650} size="lg">
            {t('codeSheet.title', { name: props.personName })}
          </Text>
          <Text size="sm">{t('codeSheet.how')}</Text>
          <dl>
            {lines.map(([name, value]) => (
              <div key={name}>
                <Text component="dt" size="sm" c="dimmed">
                  {name}
                </Text>
                <Text
                  component="dd"
                  m={0}
                  mb="xs"
                  fw={600}
                  ff="monospace"
                  style={{ overflowWrap: 'anywhere' }}
                >
                  {value}
                </Text>
              </div>
            ))}
          </dl>
          {props.expiresAt ? (
            <Text size="sm">{t('codeSheet.until', { when: moment(props.expiresAt) })}</Text>
          ) : null}
        </Stack>
      </Paper>
      <Text size="sm" c="dimmed">
        {t('codeSheet.once')}
      </Text>
      <Group>
        <Button leftSection={<IconPrinter size={16} aria-hidden />} onClick={() => window.print()}>
          {t('codeSheet.print')}
        </Button>
      </Group>
    </Stack>
  );
}
