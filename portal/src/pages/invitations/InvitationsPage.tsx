import { Badge, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconDownload, IconMailPlus } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { day, moment } from '../../i18n/dates.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Page } from '../../page/Page.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { sayProblem } from '../../parts/undo-toast.tsx';
import { DataTable } from '../../table/DataTable.tsx';
import { useSelection } from '../../table/selection.ts';
import { downloadInvitations } from './download.ts';
import { InvitationActs } from './InvitationActs.tsx';
import { InvitationBulk } from './InvitationBulk.tsx';
import type { Invitation } from './invitation.ts';

const states = ['open', 'expired', 'accepted', 'revoked', 'all'] as const;
type State = (typeof states)[number];

export function InvitationsPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage
      title={t('invitations.title')}
      needs={['user.read', 'user.invite']}
      notAllowed={t('invitations.notAllowed')}
    >
      <Invitations />
    </AllowedPage>
  );
}

function Invitations(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ from: '/shell/invitations' });
  const state: State = states.find((one) => one === search.state) ?? 'open';
  const filter = { state, organizationId: search.organizationId, search: search.search };
  const query = useRead('invitation.list', { ...filter, cursor: search.cursor }, { keepPrevious: true });
  const place = useRead(
    'organization.read',
    { organizationId: search.organizationId ?? '' },
    { enabled: search.organizationId !== undefined },
  );
  const [loading, setLoading] = useState(false);
  const go = (change: Partial<typeof search>): void => {
    void navigate({ to: '/invitations', search: { ...search, cursor: undefined, ...change }, replace: true });
  };
  const selection = useSelection<Invitation>((row) => row.id);
  const [typed, setTyped] = useState(search.search ?? '');
  const write = useDebouncedCallback((text: string) => go({ search: text.trim() || undefined }), 250);
  const download = async (): Promise<void> => {
    setLoading(true);
    await downloadInvitations(filter, (key) => t(`invitations.column.${key}`)).catch(sayProblem);
    setLoading(false);
  };
  return (
    <Page
      title={t('invitations.title')}
      lead={t('invitations.lead')}
      actions={
        <ButtonLink
          to="/invitations/new"
          search={{ organizationId: search.organizationId }}
          leftSection={<IconMailPlus size={16} aria-hidden />}
        >
          {t('organization.invite')}
        </ButtonLink>
      }
    >
      <DataTable<Invitation>
        label={t('invitations.title')}
        name="invitations"
        query={query}
        rowId={(row) => row.id}
        rowLabel={(row) => row.email}
        notAllowed={t('invitations.notAllowed')}
        empty={{
          title: t('invitations.none'),
          text: t(`invitations.noneText.${state}`),
          action: (
            <ButtonLink
              to="/invitations/new"
              search={{ organizationId: search.organizationId }}
              variant="light"
            >
              {t('organization.invite')}
            </ButtonLink>
          ),
        }}
        paging={{ cursor: search.cursor, onCursor: (cursor) => go({ cursor }) }}
        selection={selection}
        filters={
          <>
            <TextInput
              type="search"
              label={t('invitations.search')}
              value={typed}
              onChange={(event) => {
                setTyped(event.currentTarget.value);
                write(event.currentTarget.value);
              }}
            />
            <Select
              label={t('invitations.state')}
              data={states.map((one) => ({ value: one, label: t(`invitations.states.${one}`) }))}
              value={state}
              allowDeselect={false}
              onChange={(to) => go({ state: to === 'open' ? undefined : (to ?? undefined) })}
            />
            <OrganizationPicker
              label={t('field.organization')}
              value={search.organizationId ?? null}
              known={place.data}
              onChange={(id) => go({ organizationId: id ?? undefined })}
            />
            <ActButton
              variant="default"
              blocked={query.data?.items.length === 0 ? t('invitations.nothingToSave') : false}
              loading={loading}
              onClick={() => void download()}
              leftSection={<IconDownload size={16} aria-hidden />}
            >
              {t('invitations.save')}
            </ActButton>
          </>
        }
        columns={[
          {
            key: 'person',
            header: t('invitations.column.person'),
            cell: (row) => (
              <Stack gap={0}>
                <Text size="sm" fw={600}>
                  {row.displayName || row.email}
                </Text>
                {row.displayName ? (
                  <Text size="sm" c="dimmed">
                    {row.email}
                  </Text>
                ) : null}
              </Stack>
            ),
          },
          {
            key: 'organization',
            header: t('field.organization'),
            cell: (row) => (
              <Group gap={6}>
                {row.organizationName}
                {row.isManager ? (
                  <Badge variant="outline" color="gray" c="inherit">
                    {t('invitations.asManager')}
                  </Badge>
                ) : null}
              </Group>
            ),
          },
          { key: 'state', header: t('invitations.state'), cell: (row) => <StateBadge invitation={row} /> },
          {
            key: 'sent',
            header: t('invitations.column.sent'),
            cell: (row) => moment(row.sentAt ?? row.createdAt),
          },
          { key: 'until', header: t('invitations.column.until'), cell: (row) => day(row.expiresAt) },
          {
            key: 'by',
            header: t('invitations.column.by'),
            cell: (row) => row.invitedByName ?? t('invitations.levelAbove'),
            hidden: true,
          },
          {
            key: 'acts',
            header: t('invitations.column.acts'),
            cell: (row) => <InvitationActs invitation={row} />,
          },
        ]}
      />
      <InvitationBulk selection={selection} />
    </Page>
  );
}

const colors: Record<Invitation['state'], string> = {
  open: 'indigo.8',
  accepted: 'teal.9',
  expired: 'orange.9',
  dead: 'gray.7',
  revoked: 'gray.7',
};

function StateBadge({ invitation }: { invitation: Invitation }): ReactNode {
  const { t } = useTranslation();
  return (
    <Group gap={4}>
      <Badge color={colors[invitation.state]} miw="max-content">
        {t(`invitations.states.${invitation.state}`)}
      </Badge>
      {invitation.renewalAskedAt ? (
        <Badge color="yellow.9" miw="max-content">
          {t('invitations.renewalAsked')}
        </Badge>
      ) : null}
    </Group>
  );
}
