import { Group, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { PreviewedDialog } from '../../parts/PreviewedDialog.tsx';
import { sayEnded } from '../../parts/say-ended.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { Delegation } from './delegation.ts';

/** Pause, go on, end. Each asks first: all below stops at the next request of anybody there. */
export function DelegationActs({ delegation, name }: { delegation: Delegation; name: string }): ReactNode {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<'pause' | 'resume' | 'end'>();
  const close = (): void => setAsked(undefined);
  const kind = delegation.delegate.kind === 'organization' ? 'organization' : 'person';
  const blocked = delegation.mayChange ? false : t('managers.notAbove');
  return (
    <Group gap="xs">
      {delegation.state === 'paused' ? (
        <GiveButton
          size="xs"
          blocked={blocked}
          onClick={() => setAsked('resume')}
          aria-label={t('managers.resumeOf', { name })}
        >
          {t('managers.resume')}
        </GiveButton>
      ) : (
        <TakeButton
          size="xs"
          blocked={blocked}
          onClick={() => setAsked('pause')}
          aria-label={t('managers.pauseOf', { name })}
        >
          {t('managers.pause')}
        </TakeButton>
      )}
      <TakeButton
        size="xs"
        blocked={blocked}
        onClick={() => setAsked('end')}
        aria-label={t('managers.endOf', { name })}
      >
        {t('managers.end')}
      </TakeButton>
      <PreviewedDialog
        opened={asked === 'pause'}
        onClose={close}
        operation="delegation.pause"
        input={{ delegationId: delegation.id }}
        ifVersion={delegation.version}
        title={t('managers.pauseTitle', { name })}
        text={<Text size="sm">{t(`managers.pauseText.${kind}`, { name })}</Text>}
        confirm={t('managers.pause')}
        onDone={() => sayDone(t('managers.pausedNow', { name }))}
      />
      <PreviewedDialog
        opened={asked === 'resume'}
        onClose={close}
        operation="delegation.resume"
        input={{ delegationId: delegation.id }}
        ifVersion={delegation.version}
        title={t('managers.resumeTitle', { name })}
        text={<Text size="sm">{delegation.sentence}</Text>}
        confirm={t('managers.resume')}
        tone="giving"
        onDone={() => sayDone(t('managers.resumedNow', { name }))}
      />
      <PreviewedDialog
        opened={asked === 'end'}
        onClose={close}
        operation="delegation.end"
        input={{ delegationId: delegation.id }}
        ifVersion={delegation.version}
        title={t('managers.endTitle', { name })}
        text={
          <>
            <Text size="sm">{delegation.sentence}</Text>
            <Text size="sm">{t(`managers.endText.${kind}`, { name })}</Text>
          </>
        }
        confirm={t('managers.end')}
        onDone={() => sayEnded(t('managers.endedNow', { name }), delegation.id)}
      />
    </Group>
  );
}
