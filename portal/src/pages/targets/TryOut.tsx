import { Alert, List, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { Loaded } from '../../page/Loaded.tsx';
import type { TargetDetail } from './target.ts';

const kinds = ['make', 'prepare', 'enable', 'change', 'disable', 'delete'] as const;

/** What the other system answers, and what switching on would do. Nothing is done. */
export function TryOut({ target }: { target: TargetDetail }): ReactNode {
  const { t } = useTranslation();
  const query = useRead('target.try', { provisioningTargetId: target.id });
  const gives = target.roles.some(({ entitlementId }) => entitlementId);
  return (
    <Loaded query={query} notAllowed={t('targets.notAllowed')} empty="never">
      {({ findings, counts, empty, first, people, more }) => (
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
          {gives ? null : (
            <Alert color="yellow" variant="outline" c="inherit" title={t('targets.noRoleTitle')}>
              {t('targets.noRoleText')}
            </Alert>
          )}
          {target.mapping.length === 0 && target.values.length > 0 ? (
            <Alert color="yellow" variant="outline" c="inherit" title={t('targets.noMappingTitle')}>
              {t('targets.noMappingText')}
            </Alert>
          ) : null}
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
          {empty.length > 0 ? (
            <Alert color="yellow" variant="outline" c="inherit" title={t('targets.emptyTitle')}>
              <List size="sm">
                {empty.map(({ label, count }) => (
                  <List.Item key={label}>{t('targets.emptyOf', { label, count })}</List.Item>
                ))}
              </List>
            </Alert>
          ) : null}
          <List size="sm" aria-label={t('targets.firstOnes')}>
            {first.map((one) => (
              <List.Item key={one.userId}>
                {[
                  one.displayName,
                  t(`targets.what.${one.would}`),
                  ...one.roles,
                  ...(one.empty.length > 0 ? [t('targets.without', { what: one.empty.join(', ') })] : []),
                ].join(' · ')}
              </List.Item>
            ))}
          </List>
        </Stack>
      )}
    </Loaded>
  );
}
