import { Button, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import { day } from '../../i18n/dates.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { ConsequenceDialog } from '../../parts/ConsequenceDialog.tsx';
import { PersonPicker } from '../../parts/PersonPicker.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { LeftBehind } from './LeftBehind.tsx';

type Successor = { membershipId: string; displayName: string } | null;
type Props = { membershipId: string; name: string; lastDay: string; successor: Successor };

/** Who takes over when a last day that stands is over: named, changed and taken back, with what would go to them. */
export function SuccessorButton(props: Props): ReactNode {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  const { name, successor } = props;
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => setOpened(true)}
        aria-label={
          successor
            ? t('successor.changeLabel', { name, successor: successor.displayName })
            : t('successor.openLabel', { name })
        }
      >
        {successor ? t('successor.change') : t('successor.open')}
      </Button>
      {opened ? <SuccessorDialog {...props} onClose={() => setOpened(false)} /> : null}
    </>
  );
}

function SuccessorDialog({
  membershipId,
  name,
  lastDay,
  successor,
  onClose,
}: Props & { onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState(successor);
  const takesBack = successor !== null && chosen === null;
  const preview = useRead(
    'membership.left-behind',
    { membershipId, ...(chosen ? { successorId: chosen.membershipId } : {}) },
    { keepPrevious: true },
  );
  const change = useChange('membership.name-successor', () => {
    onClose();
    sayDone(
      chosen
        ? t('successor.done', { name, successor: chosen.displayName })
        : t('successor.takenBack', { name }),
    );
  });
  const same = chosen?.membershipId === successor?.membershipId;
  return (
    <ConsequenceDialog
      opened
      onClose={onClose}
      title={t('successor.title', { name })}
      tone="neutral"
      confirm={takesBack ? t('successor.takeBack') : t('successor.save')}
      busy={change.isPending}
      problem={change.error}
      blocked={same ? (chosen ? t('successor.same') : t('successor.choose')) : false}
      onConfirm={() => change.mutate({ membershipId, successorId: chosen?.membershipId ?? null })}
      consequence={
        <Stack gap="sm">
          <Text size="sm">{t('successor.when', { name, day: day(lastDay) })}</Text>
          <PersonPicker
            label={t('leave.successor')}
            description={t('successor.hint')}
            value={chosen?.membershipId ?? null}
            known={chosen ?? undefined}
            onChange={(id, found) =>
              setChosen(id && found ? { membershipId: id, displayName: found.displayName } : null)
            }
            exclude={[membershipId]}
          />
          <Loaded query={preview} notAllowed={t('leave.notAllowed')} empty="never">
            {(behind) =>
              behind.items.length === 0 && !behind.elsewhere ? (
                <Text size="sm">{t('successor.nothing', { name })}</Text>
              ) : (
                <Stack gap="xs">
                  <Text size="sm" fw={600}>
                    {t('successor.today')}
                  </Text>
                  <LeftBehind behind={behind} successor={chosen} all />
                </Stack>
              )
            }
          </Loaded>
        </Stack>
      }
    />
  );
}
