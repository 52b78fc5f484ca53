import { Checkbox, CloseButton, Group, Paper, SegmentedControl, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Fold } from '../../parts/Fold.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { OrganizationTree } from '../../parts/OrganizationTree.tsx';
import type { Place } from './draft.ts';

type Props = {
  value: readonly Place[];
  onChange: (places: Place[]) => void;
  /** exactly one, whole: what an organization may hand out */
  one: boolean;
};

/** Organizations with or without those below, several, some taken out: by name, or by clicking them in the tree. */
export function PlacesField({ value, onChange, one }: Props): ReactNode {
  const { t } = useTranslation();
  const add = (id: string, name: string): void => {
    const others = value.filter(({ organizationId }) => organizationId !== id);
    const made = { organizationId: id, name, below: true, out: false };
    if (others.length < value.length) onChange(others);
    else onChange(one ? [made] : [...value, made]);
  };
  const set = (id: string, change: Partial<Place>): void =>
    onChange(value.map((place) => (place.organizationId === id ? { ...place, ...change } : place)));
  return (
    <Stack gap="sm">
      {value.length > 0 ? (
        <Stack
          component="ul"
          gap="xs"
          p={0}
          m={0}
          style={{ listStyle: 'none' }}
          aria-label={t('delegate.places')}
        >
          {value.map((place) => (
            <Paper key={place.organizationId} component="li" withBorder p="xs" aria-label={place.name}>
              <Group justify="space-between" gap="xs">
                <Text size="sm" fw={600} style={{ flex: '1 1 140px' }}>
                  {place.name}
                </Text>
                {one ? null : (
                  <SegmentedControl
                    size="xs"
                    aria-label={t('delegate.inOrOut', { name: place.name })}
                    value={place.out ? 'out' : 'in'}
                    onChange={(to) => set(place.organizationId, { out: to === 'out' })}
                    data={[
                      { value: 'in', label: t('delegate.in') },
                      { value: 'out', label: t('delegate.out') },
                    ]}
                  />
                )}
                <Checkbox
                  label={t('delegate.withBelow')}
                  aria-label={t('delegate.withBelowOf', { name: place.name })}
                  checked={place.below}
                  onChange={(event) => set(place.organizationId, { below: event.currentTarget.checked })}
                />
                <CloseButton
                  aria-label={t('delegate.removePlace', { name: place.name })}
                  onClick={() =>
                    onChange(value.filter(({ organizationId }) => organizationId !== place.organizationId))
                  }
                />
              </Group>
            </Paper>
          ))}
        </Stack>
      ) : null}
      <OrganizationPicker
        key={value.length}
        label={value.length === 0 ? t('delegate.firstPlace') : t('delegate.morePlaces')}
        required={value.length === 0}
        value={null}
        onChange={(id, organization) => id && organization && add(id, organization.name)}
      />
      <Fold label={t('delegate.clickPlaces')}>
        <OrganizationTree
          label={t('delegate.clickPlaces')}
          onOpen={({ id, name }) => add(id, name)}
          aside={({ id }) => {
            const place = value.find(({ organizationId }) => organizationId === id);
            return place ? (
              <Text size="xs" fw={600} pe="xs" component="span">
                {place.out ? t('delegate.out') : t('delegate.in')}
              </Text>
            ) : null;
          }}
          empty={{ title: t('organizations.none'), text: t('organizations.noneText'), action: null }}
          notAllowed={t('organizations.notAllowed')}
        />
      </Fold>
    </Stack>
  );
}
