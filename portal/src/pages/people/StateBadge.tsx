import { Badge } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Item } from '../../api/types.ts';

type State = Item<'user.list'>['state'];

const colors: Record<State, string> = {
  active: 'teal',
  'no-sign-in': 'gray',
  'not-begun': 'blue',
  suspended: 'orange',
  left: 'gray',
};

export function StateBadge({ state }: { state: State }): ReactNode {
  const { t } = useTranslation();
  return (
    <Badge
      variant="outline"
      color={colors[state]}
      tt="none"
      styles={{ label: { color: 'var(--mantine-color-text)' } }}
    >
      {t(`people.states.${state}`)}
    </Badge>
  );
}
