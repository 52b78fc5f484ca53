import { Alert, Progress as Bar, Group, Stack, Text } from '@mantine/core';
import { IconAlertCircle, IconCheck } from '@tabler/icons-react';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { queryClient, useRead } from '../../api/queries.ts';
import { number } from '../../i18n/dates.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { Difference } from './Difference.tsx';

/** How far it is, and what came of it. It goes on when the page is left. */
export function Progress({ importId, onSeen }: { importId: string; onSeen: () => void }): ReactNode {
  const { t } = useTranslation();
  const first = useRead('import.read', { importId });
  const over = first.data?.state === 'done' || first.data?.state === 'failed';
  const query = useRead('import.read', { importId }, { refetchEveryMs: over ? false : 700 });
  useEffect(() => {
    if (!over) return;
    onSeen();
    // the tree that other pages remember is an old one now
    void queryClient.invalidateQueries({ queryKey: ['organization.list'] });
  }, [over, onSeen]);
  return (
    <Loaded query={query} notAllowed={t('takeOver.notAllowed')} empty="never">
      {(run) => {
        const percent = run.total > 0 ? Math.floor((run.done / run.total) * 100) : 0;
        const open = (
          <ButtonLink
            to="/organizations/$organizationId"
            params={{ organizationId: run.organizationId }}
            search={{ section: 'below' }}
          >
            {t('takeOver.open')}
          </ButtonLink>
        );
        if (run.state === 'failed')
          return (
            <Stack>
              <Alert
                role="alert"
                color="red"
                variant="outline"
                c="inherit"
                icon={<IconAlertCircle aria-hidden />}
                title={t('takeOver.failed')}
              >
                {run.failure?.text}
              </Alert>
              <Group>
                <ButtonLink to="/take-over" search={{ organizationId: run.organizationId }}>
                  {t('takeOver.again')}
                </ButtonLink>
              </Group>
            </Stack>
          );
        if (run.state === 'done')
          return (
            <Stack>
              <Alert
                role="status"
                color="teal"
                variant="outline"
                c="inherit"
                icon={<IconCheck aria-hidden />}
                title={t('takeOver.done')}
              >
                {t('takeOver.doneText')}
              </Alert>
              {run.counts ? <Difference changes={run.counts} /> : null}
              <Group>{open}</Group>
            </Stack>
          );
        return (
          <Stack maw={560}>
            <Text role="status">
              {run.phase
                ? t('takeOver.phase', {
                    phase: t(`takeOver.phases.${run.phase}`),
                    done: number(run.done),
                    total: number(run.total),
                  })
                : t('takeOver.waiting')}
            </Text>
            <Bar.Root size="lg">
              <Bar.Section value={percent} aria-label={t('takeOver.progress')} />
            </Bar.Root>
            <Text size="sm" c="dimmed">
              {t('takeOver.mayLeave')}
            </Text>
          </Stack>
        );
      }}
    </Loaded>
  );
}
