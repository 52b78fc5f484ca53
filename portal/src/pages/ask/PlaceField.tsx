import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay, useSession } from '../../api/session.ts';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';

export type Place = { id: string; name: string };

/** One's own organization until another is chosen. */
export function useOwnPlace(): Place {
  const { membership } = useSession();
  return { id: membership.organizationId, name: membership.organizationName };
}

/** Which organization it is about. Whoever sees no other than their own has nothing to choose. */
export function PlaceField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: Place;
  onChange: (place: Place) => void;
}): ReactNode {
  const { t } = useTranslation();
  const may = useMay();
  if (!may('organization.read'))
    return <Text size="sm">{t('askElse.at', { organization: value.name })}</Text>;
  return (
    <OrganizationPicker
      label={label}
      required
      value={value.id}
      known={value}
      onChange={(id, organization) => {
        if (id && organization) onChange(organization);
      }}
    />
  );
}
