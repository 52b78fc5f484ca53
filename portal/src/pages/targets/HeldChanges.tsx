import { Alert, List, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { ActButton, GiveButton } from '../../parts/ActButton.tsx';
import { TextLink } from '../../parts/links.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { TargetDetail } from './target.ts';

const few = 5;
const many = 100;

/** So many accounts would be called something else at once that somebody has to look: what, of whom, and then the word. */
export function HeldChanges({ target }: { target: TargetDetail }): ReactNode {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const query = useRead(
    'target.show-held',
    { provisioningTargetId: target.id, limit: all ? many : few },
    { keepPrevious: true },
  );
  const release = useChange('target.release', ({ count }) => sayDone(t('targets.heldAgreed', { count })));
  const held = query.data;
  if (!held || held.count === 0 || held.at === null) return null;
  const { at, count, fields, items, next } = held;
  const beyond = all ? count - items.length : 0;
  return (
    <Alert
      color="yellow"
      variant="outline"
      c="inherit"
      icon={<IconAlertTriangle aria-hidden />}
      title={t('targets.held', { count })}
    >
      <Stack gap="sm" align="start">
        <Text size="sm">{t('targets.heldText')}</Text>
        {fields.length > 0 ? (
          <List size="sm" aria-label={t('targets.heldFields')}>
            {fields.map((one) => (
              <List.Item key={one.label}>
                {t('targets.heldField', { label: one.label, count: one.count })}
              </List.Item>
            ))}
          </List>
        ) : null}
        <List size="sm" aria-label={t('targets.heldOnes')}>
          {items.map(({ accountId, membershipId, displayName, values }) => (
            <List.Item key={accountId}>
              {membershipId ? (
                <TextLink to="/people/$membershipId" params={{ membershipId }}>
                  {displayName}
                </TextLink>
              ) : (
                displayName
              )}
              {values.map(({ label, to, hidden }) => (
                <Text key={label} size="sm" style={{ overflowWrap: 'anywhere' }}>
                  {hidden
                    ? t('targets.heldHidden', { label })
                    : to === null
                      ? t('targets.heldEmptied', { label })
                      : t('targets.heldTo', { label, to })}
                </Text>
              ))}
            </List.Item>
          ))}
        </List>
        {next && !all ? (
          <ActButton size="xs" variant="default" blocked={false} onClick={() => setAll(true)}>
            {t('targets.heldMore')}
          </ActButton>
        ) : null}
        {beyond > 0 ? <Text size="sm">{t('targets.heldBeyond', { count: beyond })}</Text> : null}
        <GiveButton
          size="xs"
          blocked={target.may.includes('target.operate') ? false : t('targets.mayNot')}
          loading={release.isPending}
          onClick={() => release.mutate({ provisioningTargetId: target.id, what: 'changes', seenAt: at })}
        >
          {t('targets.heldAgree', { count })}
        </GiveButton>
        <ActProblem problem={release.error} />
      </Stack>
    </Alert>
  );
}
