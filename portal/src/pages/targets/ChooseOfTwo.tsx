import { SegmentedControl, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { ActButton } from '../../parts/ActButton.tsx';
import { ConsequenceDialog } from '../../parts/ConsequenceDialog.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { Difference } from './difference.ts';
import type { TargetDetail } from './target.ts';

/** Of two accounts that are one person's, which stays; the other is switched off or deleted. */
export function ChooseOfTwo({
  one,
  name,
  target,
  blocked,
}: {
  one: Difference;
  name: string;
  target: TargetDetail;
  blocked: false | string;
}): ReactNode {
  const { t } = useTranslation();
  const [keep, setKeep] = useState<string>();
  const hows = (['disable', 'delete'] as const).filter((how) => target.can[how]);
  const [how, setHow] = useState(hows[0] ?? 'disable');
  const settle = useChange('difference.settle', () => {
    sayDone(t('differences.willBe', { name }));
    setKeep(undefined);
  });
  if (one.externalIds.length < 2 || hows.length === 0) return null;
  const other = one.externalIds.find((id) => id !== keep) ?? '';
  return (
    <>
      {one.externalIds.map((id) => (
        <ActButton
          key={id}
          size="xs"
          blocked={blocked}
          style={{ maxWidth: '100%' }}
          aria-label={t('differences.keepOf', { id, name })}
          onClick={() => setKeep(id)}
        >
          {t('differences.keep', { id })}
        </ActButton>
      ))}
      <ConsequenceDialog
        opened={keep !== undefined}
        onClose={() => setKeep(undefined)}
        title={t('differences.keepOf', { id: keep ?? '', name })}
        consequence={
          <Stack gap="sm">
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {t('differences.keepText', { name, id: keep ?? '', other })}
            </Text>
            {hows.length > 1 ? (
              <SegmentedControl
                aria-label={t('differences.keepHow', { other })}
                value={how}
                onChange={(value) => setHow(value === 'delete' ? 'delete' : 'disable')}
                data={hows.map((value) => ({ value, label: t(`differences.how.${value}`) }))}
              />
            ) : null}
          </Stack>
        }
        confirm={t(`differences.keepThen.${how}`)}
        onConfirm={() => keep && settle.mutate({ differenceId: one.id, how, keep })}
        busy={settle.isPending}
        problem={settle.error}
      />
    </>
  );
}
