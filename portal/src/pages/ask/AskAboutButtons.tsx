import { Group } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Item } from '../../api/types.ts';
import { GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { AskAbout, type Asked } from './AskAbout.tsx';

type Source = Pick<
  Item<'access.of'>,
  'assignmentId' | 'entitlementName' | 'applicationName' | 'source' | 'why' | 'until'
>;

/** What one cannot change oneself can be asked for: that an access lasts longer, or ends. */
export function AskAboutButtons({ source, who }: { source: Source; who: string }): ReactNode {
  const { t } = useTranslation();
  const [kind, setKind] = useState<Asked['kind']>();
  // what comes to a whole organization, or by a rule, is nobody's own to end or extend
  if (source.source.kind === 'organization' || source.why === 'rule') return null;
  // an access role is asked about as a whole
  const what =
    source.source.accessRoleName ??
    t('access.roleOf', { role: source.entitlementName, application: source.applicationName });
  return (
    <Group gap="xs">
      {source.until ? (
        <GiveButton
          size="compact-sm"
          blocked={false}
          aria-label={t('askAbout.longerLabel', { what })}
          onClick={() => setKind('extension')}
        >
          {t('askAbout.longer')}
        </GiveButton>
      ) : null}
      <TakeButton
        size="compact-sm"
        blocked={false}
        aria-label={t('askAbout.endLabel', { what })}
        onClick={() => setKind('ending')}
      >
        {t('askAbout.end')}
      </TakeButton>
      <AskAbout
        asked={kind && { kind, what, who, assignmentId: source.assignmentId }}
        onClose={() => setKind(undefined)}
      />
    </Group>
  );
}
