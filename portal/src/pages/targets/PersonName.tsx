import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';

/** Whom a setting names: by name for those who see them, else just somebody. */
export function PersonName({ membershipId }: { membershipId: string }): ReactNode {
  const { t } = useTranslation();
  const person = useRead('membership.read', { membershipId });
  return person.isPending ? '…' : (person.data?.user.displayName ?? t('targets.somebody'));
}
