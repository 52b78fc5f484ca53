import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import type { Input } from '../../api/types.ts';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { TargetDetail } from './target.ts';

export type FormProps = { target: TargetDetail; onClose: () => void };

/** Saves a part of a system, as it was when it was opened; says so, and closes. */
export function useSave({ target, onClose }: FormProps) {
  const { t } = useTranslation();
  const save = useChange('target.update', () => {
    sayDone(t('targets.saved', { name: target.name }));
    onClose();
  });
  return {
    busy: save.isPending,
    problem: save.error,
    save: (part: Omit<Input<'target.update'>, 'provisioningTargetId'>): void =>
      save.mutate({ provisioningTargetId: target.id, ...part, ifVersion: target.version }),
  };
}
