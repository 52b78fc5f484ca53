import { Badge, Button, Group, Pill, Select, Text, TextInput } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addressOf } from '../../api/client.ts';
import { useRead } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { moment } from '../../i18n/dates.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Page } from '../../page/Page.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { PersonPicker } from '../../parts/PersonPicker.tsx';
import { endOfDay, startOfDay } from '../../parts/until.ts';
import { DataTable } from '../../table/DataTable.tsx';
import { EventDetails } from './EventDetails.tsx';
import type { TrailEvent } from './trail-event.ts';

/** First halves of event types, as the filter offers them. */
const topics = [
  'access-role',
  'application',
  'assignment',
  'attribute',
  'audit',
  'client',
  'credential',
  'delegation',
  'entitlement',
  'import',
  'invitation',
  'membership',
  'organization',
  'password',
  'request',
  'session',
  'user',
] as const;

/** Everything that was done in what the reader looks after: who, for whom, under what, before and after. */
export function TrailPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage title={t('trail.title')} needs={['audit.read']} notAllowed={t('trail.notAllowed')}>
      <Trail />
    </AllowedPage>
  );
}

function Trail(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { membership } = useSession();
  const search = useSearch({ from: '/shell/trail' });
  const { cursor, fromDay, untilDay, ...asked } = search;
  const filter = { ...asked, from: startOfDay(fromDay), until: endOfDay(untilDay) };
  const query = useRead('event.list', { ...filter, cursor }, { keepPrevious: true });
  const place = useRead(
    'organization.read',
    { organizationId: filter.organizationId ?? '' },
    { enabled: filter.organizationId !== undefined },
  );
  const [shown, setShown] = useState<TrailEvent>();
  const go = (change: Partial<typeof search>): void => {
    void navigate({ to: '/trail', search: { ...search, cursor: undefined, ...change } });
  };
  const topic = topics.find((one) => one === filter.type?.split('.')[0]);
  // names of the people filtered by come with the events themselves
  const nameOf = (id: string | undefined): string =>
    (query.data?.items ?? []).flatMap(({ actor, subject }) => [actor, subject]).find((one) => one?.id === id)
      ?.name ?? t('trail.thisPerson');
  return (
    <Page
      title={t('trail.title')}
      lead={t('trail.lead')}
      actions={
        <Button
          component="a"
          variant="default"
          href={addressOf('event.export', {
            ...filter,
            organizationId: filter.organizationId ?? membership.organizationId,
          })}
          download
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          {t('trail.export')}
        </Button>
      }
    >
      {filter.actorId || filter.subjectId ? (
        <Group gap="xs">
          {filter.actorId ? (
            <Chip
              text={t('trail.doneBy', { name: nameOf(filter.actorId) })}
              onRemove={() => go({ actorId: undefined })}
            />
          ) : null}
          {filter.subjectId ? (
            <Chip
              text={t('trail.about', { name: nameOf(filter.subjectId) })}
              onRemove={() => go({ subjectId: undefined })}
            />
          ) : null}
        </Group>
      ) : null}
      <DataTable<TrailEvent>
        label={t('trail.title')}
        name="trail"
        query={query}
        rowId={(row) => row.id}
        rowLabel={(row) => row.sentence}
        notAllowed={t('trail.notAllowed')}
        empty={{ title: t('trail.none'), text: t('trail.noneText'), action: null }}
        paging={{ cursor, onCursor: (next) => go({ cursor: next }) }}
        filters={
          <>
            <OrganizationPicker
              label={t('field.organization')}
              value={filter.organizationId ?? null}
              known={place.data}
              onChange={(id) => go({ organizationId: id ?? undefined })}
            />
            <PersonPicker
              label={t('trail.person')}
              value={null}
              onChange={(_, person) => person && go({ subjectId: person.userId })}
            />
            <Select
              label={t('trail.topic')}
              data={topics.map((one) => ({ value: one, label: t(`trail.topics.${one}`) }))}
              value={topic ?? null}
              placeholder={t('trail.everything')}
              clearable
              searchable
              clearButtonProps={{ 'aria-label': t('picker.clear') }}
              onChange={(to) => go({ type: to ?? undefined })}
            />
            <TextInput
              type="date"
              label={t('trail.fromDay')}
              value={fromDay ?? ''}
              onChange={(event) => go({ fromDay: event.currentTarget.value || undefined })}
            />
            <TextInput
              type="date"
              label={t('trail.untilDay')}
              value={untilDay ?? ''}
              min={fromDay}
              onChange={(event) => go({ untilDay: event.currentTarget.value || undefined })}
            />
          </>
        }
        columns={[
          {
            key: 'what',
            header: t('trail.what'),
            cell: (row) => (
              <Button
                variant="subtle"
                size="compact-sm"
                h="auto"
                px={4}
                fw={400}
                onClick={() => setShown(row)}
                styles={{ label: { whiteSpace: 'normal', textAlign: 'start', lineHeight: 1.4 } }}
              >
                {row.sentence}
              </Button>
            ),
          },
          { key: 'at', header: t('trail.when'), cell: (row) => moment(row.at) },
          {
            key: 'who',
            header: t('trail.who'),
            cell: (row) =>
              row.actor.kind === 'anonymous' ? (
                t('trail.atSignIn')
              ) : (
                <>
                  <Name someone={row.actor} onPick={(actorId) => go({ actorId })} />
                  {row.onBehalfOf ? (
                    <Text size="xs" c="dimmed" px={4}>
                      {row.actor.kind === 'system'
                        ? t('beside.asSaid', { name: row.onBehalfOf.name })
                        : t('beside.asDeputy', { name: row.onBehalfOf.name })}
                    </Text>
                  ) : null}
                </>
              ),
          },
          {
            key: 'for',
            header: t('trail.forWhom'),
            cell: (row) => <Name someone={row.subject} onPick={(subjectId) => go({ subjectId })} />,
          },
          {
            key: 'organization',
            header: t('field.organization'),
            cell: (row) => row.organization?.name ?? '',
          },
          {
            key: 'under',
            header: t('trail.under'),
            cell: (row) => <Text size="sm">{row.delegations[0] ?? ''}</Text>,
            hidden: true,
          },
          {
            key: 'type',
            header: t('trail.type'),
            cell: (row) => (
              <Badge variant="outline" color="gray" c="inherit" tt="none">
                {row.type}
              </Badge>
            ),
            hidden: true,
          },
        ]}
      />
      <EventDetails event={shown} onClose={() => setShown(undefined)} />
    </Page>
  );
}

/** A name; one that is known narrows the trail to that person. */
function Name({
  someone,
  onPick,
}: {
  someone: { id: string | null; name: string } | null;
  onPick: (id: string) => void;
}): ReactNode {
  const { t } = useTranslation();
  if (!someone) return null;
  const { id, name } = someone;
  if (id === null) return name;
  return (
    <Button
      variant="subtle"
      size="compact-sm"
      px={4}
      onClick={() => onPick(id)}
      aria-label={t('trail.only', { name })}
    >
      {name}
    </Button>
  );
}

function Chip({ text, onRemove }: { text: string; onRemove: () => void }): ReactNode {
  const { t } = useTranslation();
  return (
    <Pill
      size="md"
      withRemoveButton
      onRemove={onRemove}
      removeButtonProps={{ 'aria-label': t('trail.drop', { what: text }), 'aria-hidden': false, tabIndex: 0 }}
    >
      {text}
    </Pill>
  );
}
