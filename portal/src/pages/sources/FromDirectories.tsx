import { Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { TextLink } from '../../parts/links.tsx';
import { StateOfSource } from './SourcesPage.tsx';
import type { Source } from './source.ts';

/** The directories that a membership comes from; none for whoever looks after none. */
export function useSourcesOf(membershipId: string): readonly Source[] {
  const may = useMay();
  const query = useRead('source.list', { membershipId }, { enabled: may('source.configure') });
  return query.data?.items ?? [];
}

export function SourceLink({ source }: { source: Source }): ReactNode {
  return (
    <TextLink to="/sources/$sourceId" params={{ sourceId: source.sourceId }} size="sm">
      {source.name}
    </TextLink>
  );
}

/** Where the people of an organization come in from, for whoever looks after it. */
export function FromDirectories({ organizationId }: { organizationId: string }): ReactNode {
  const { t } = useTranslation();
  const may = useMay();
  const query = useRead('source.list', { organizationId }, { enabled: may('source.configure') });
  if (!query.data?.items.length) return null;
  return (
    <Group gap="xs">
      <Text size="sm">{t('sources.peopleFrom')}</Text>
      {query.data.items.map((source) => (
        <Group key={source.sourceId} gap={6}>
          <SourceLink source={source} />
          <StateOfSource source={source} />
        </Group>
      ))}
    </Group>
  );
}
