import '@mantine/spotlight/styles.css';
import { useDebouncedValue } from '@mantine/hooks';
import { createSpotlight, Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { IconBuilding, IconSearch, IconUser } from '@tabler/icons-react';
import { useRouter } from '@tanstack/react-router';
import { type KeyboardEvent, type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../api/queries.ts';
import { useSession } from '../api/session.ts';
import { useLeads } from './leads.ts';
import { placesFor } from './navigation.ts';

const [store, spotlight] = createSpotlight();

/** Ctrl/⌘ K: go to a page, a person or an organization by name. `opened` counts how often it was asked for. */
export function Palette({ opened }: { opened: number }): ReactNode {
  const { t } = useTranslation();
  const { may } = useSession();
  const leads = useLeads();
  const router = useRouter();
  const go = (href: string) => (): Promise<void> => router.navigate({ href });
  const [query, setQuery] = useState('');
  const [search] = useDebouncedValue(query.trim(), 200);
  const searching = search.length >= 2;
  const people = useRead(
    'user.list',
    { search, limit: 6 },
    { enabled: searching && may.includes('user.read') },
  );
  const organizations = useRead(
    'organization.list',
    { search, limit: 6 },
    { enabled: searching && may.includes('organization.read') },
  );
  useEffect(() => {
    if (opened > 0) spotlight.open();
  }, [opened]);
  const groups: SpotlightActionGroupData[] = [
    {
      group: t('palette.pages'),
      actions: placesFor(may, leads)
        .map(({ key, to, icon: Icon }) => ({
          id: to,
          label: t(`navigation.${key}`),
          leftSection: <Icon size={18} aria-hidden />,
          onClick: go(to),
        }))
        .filter((action) => action.label.toLowerCase().includes(query.trim().toLowerCase())),
    },
    {
      group: t('palette.people'),
      actions: (searching ? (people.data?.items ?? []) : []).map((person) => ({
        id: `/people/${person.membershipId}`,
        label: person.displayName,
        description: person.organizationName,
        leftSection: <IconUser size={18} aria-hidden />,
        onClick: go(`/people/${person.membershipId}`),
      })),
    },
    {
      group: t('palette.organizations'),
      actions: (searching ? (organizations.data?.items ?? []) : []).map((organization) => ({
        id: `/organizations/${organization.id}`,
        label: organization.name,
        leftSection: <IconBuilding size={18} aria-hidden />,
        onClick: go(`/organizations/${organization.id}`),
      })),
    },
  ];
  /** Enter goes to the first hit when the arrows have chosen none. */
  const first = groups.find((group) => group.actions.length > 0)?.actions[0];
  const enter = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key !== 'Enter' || store.getState().selected !== -1 || !first) return;
    event.preventDefault();
    spotlight.close();
    router.navigate({ href: first.id });
  };
  return (
    <Spotlight
      store={store}
      actions={groups.filter((group) => group.actions.length > 0)}
      query={query}
      onQueryChange={setQuery}
      // the server has searched already
      filter={(_, actions) => actions}
      attributes={{ content: { 'aria-label': t('palette.open') } }}
      nothingFound={t('palette.nothing')}
      shortcut={null}
      scrollable
      maxHeight={420}
      searchProps={{
        leftSection: <IconSearch size={18} aria-hidden />,
        placeholder: t('palette.placeholder'),
        'aria-label': t('palette.placeholder'),
        onKeyDown: enter,
      }}
    />
  );
}
