import { Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { day } from '../../i18n/dates.ts';
import { GiveButton } from '../../parts/ActButton.tsx';
import { TextLink } from '../../parts/links.tsx';
import { sayDone, sayProblem } from '../../parts/undo-toast.tsx';
import { laterBy } from './later.ts';

type Props = { membershipId: string; lastDay: string; name: string };

/** A month more by one click, without a break; any other day is on the page of the last day. */
export function StayLonger({ membershipId, lastDay, name }: Props): ReactNode {
  const { t } = useTranslation();
  const extend = useChange('membership.extend', () => sayDone(t('lastDay.done', { name, day: day(to) })));
  const to = laterBy(lastDay, 1);
  return (
    <Group gap="xs">
      <GiveButton
        size="compact-sm"
        blocked={false}
        loading={extend.isPending}
        aria-label={t('lastDay.untilLabel', { name, day: day(to) })}
        onClick={() => extend.mutate({ membershipId, lastDay: to }, { onError: sayProblem })}
      >
        {t('lastDay.until', { day: day(to) })}
      </GiveButton>
      <TextLink
        size="sm"
        to="/people/$membershipId/last-day"
        params={{ membershipId }}
        aria-label={t('endings.otherLabel', { name })}
      >
        {t('endings.other')}
      </TextLink>
    </Group>
  );
}
