import { Select, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { isoDay } from '../../i18n/dates.ts';
import { Fold } from '../../parts/Fold.tsx';
import { type HandOut, HandOutChoice } from '../../parts/HandOutChoice.tsx';

export type Terms = {
  adminRoleId: string;
  handOut: HandOut;
  mayPassOn: number | 'same';
  untilDay: string;
};

/** The built-in role of a manager; the same id on every instance. */
const managerRole = '00000000-0000-7000-8000-000000000003';

export const firstTerms: Terms = { adminRoleId: managerRole, handOut: 'same', mayPassOn: 0, untilDay: '' };

type Props = { organizationId: string; value: Terms; onChange: (terms: Terms) => void };

/** What a manager may do. What most people leave as it is stays folded. */
export function TermsFields({ organizationId, value, onChange }: Props): ReactNode {
  const { t } = useTranslation();
  const roles = useRead('admin-role.list', {});
  const set = (change: Partial<Terms>): void => onChange({ ...value, ...change });
  return (
    <Fold label={t('appoint.more')}>
      <Select
        label={t('appoint.role')}
        description={roles.data?.items.find(({ id }) => id === value.adminRoleId)?.description}
        data={(roles.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        value={value.adminRoleId}
        allowDeselect={false}
        onChange={(id) => id && set({ adminRoleId: id })}
      />
      <Select
        label={t('appoint.passOn')}
        data={[
          { value: '0', label: t('appoint.passOnNot') },
          { value: '1', label: t('appoint.passOnOne') },
          { value: '2', label: t('appoint.passOnTwo') },
          { value: 'same', label: t('appoint.passOnSame') },
        ]}
        value={String(value.mayPassOn)}
        allowDeselect={false}
        onChange={(to) => to && set({ mayPassOn: to === 'same' ? 'same' : Number(to) })}
      />
      <HandOutChoice
        label={t('appoint.handOut')}
        organizationId={organizationId}
        value={value.handOut}
        onChange={(handOut) => set({ handOut })}
      />
      <TextInput
        type="date"
        label={t('appoint.until')}
        description={t('appoint.untilHint')}
        min={isoDay(1)}
        value={value.untilDay}
        onChange={(event) => set({ untilDay: event.currentTarget.value })}
      />
    </Fold>
  );
}
