import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ActButton, TakeButton } from './ActButton.tsx';
import type { Act } from './Why.tsx';

type Props = {
  name: string;
  blocked: string | false;
  why: Act;
  onEdit: () => void;
  onRetire: () => void;
};

/** What can be done about a role of either kind. */
export function EditAndRetire({ name, blocked, why, onEdit, onRetire }: Props): ReactNode {
  const { t } = useTranslation();
  return (
    <>
      <ActButton
        size="xs"
        variant="default"
        blocked={blocked}
        why={why}
        aria-label={t('accessRoles.editOf', { name })}
        onClick={onEdit}
      >
        {t('do.edit')}
      </ActButton>
      <TakeButton
        size="xs"
        blocked={blocked}
        aria-label={t('accessRoles.retireOf', { name })}
        onClick={onRetire}
      >
        {t('accessRoles.retire')}
      </TakeButton>
    </>
  );
}
