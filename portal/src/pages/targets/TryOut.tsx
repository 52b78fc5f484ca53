import { Alert, List, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { Loaded } from '../../page/Loaded.tsx';

const kinds = ['make', 'prepare', 'enable', 'change', 'disable', 'delete'] as const;

/** What the other system answers, and what switching on would do. Nothing is done. */
export function TryOut({ provisioningTargetId }: { provisioningTargetId: string }): ReactNode {
  const { t } = useTranslation();
  const query = useRead('target.try', { provisioningTargetId });
  return (
    <Loaded query={query} notAllowed={t('targets.notAllowed')} empty="never">
      {({ findings, counts, first, people, more }) => (
        <Stack>
          {findings.map(({ level, text }) => (
            <Alert
              key={text}
              color={level === 'good' ? 'green' : 'yellow'}
              variant="outline"
              c="inherit"
              title={t(`targets.level.${level}`)}
            >
              {text}
            </Alert>
          ))}
          <Text>{t(more ? 'targets.lookedAtMore' : 'targets.lookedAt', { count: people })}</Text>
          {kinds.some((one) => counts[one] > 0) ? (
            <List>
              {kinds
                .filter((one) => counts[one] > 0)
                .map((one) => (
                  <List.Item key={one}>{t(`targets.would.${one}`, { count: counts[one] })}</List.Item>
                ))}
            </List>
          ) : (
            <Text>{t('targets.wouldNothing')}</Text>
          )}
          <List size="sm" aria-label={t('targets.firstOnes')}>
            {first.map((one) => (
              <List.Item key={one.userId}>
                {[one.displayName, t(`targets.what.${one.would}`), ...one.roles].join(' · ')}
              </List.Item>
            ))}
          </List>
        </Stack>
      )}
    </Loaded>
  );
}
