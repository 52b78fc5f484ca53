import { Button, Select, Switch } from '@mantine/core';
import { IconDownload, IconFileUpload, IconMailForward } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { GiveAccessDialog } from '../../access/GiveAccessDialog.tsx';
import { addressOf } from '../../api/client.ts';
import { useRead } from '../../api/queries.ts';
import { useMay, useSession } from '../../api/session.ts';
import type { Item, Output } from '../../api/types.ts';
import type { Say } from '../../i18n/say.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Page } from '../../page/Page.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { ButtonLink, TextLink } from '../../parts/links.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { SearchField } from '../../parts/SearchField.tsx';
import { type PeopleSearch, peopleSorts, peopleStates } from '../../routes/person-routes.ts';
import { BulkBar } from '../../table/BulkBar.tsx';
import { useColumns } from '../../table/ColumnChoice.tsx';
import { DataTable } from '../../table/DataTable.tsx';
import { useSelection } from '../../table/selection.ts';
import { FieldFilter } from './FieldFilter.tsx';
import { filtersInForce, Loosen } from './filters-in-force.tsx';
import { useInviteToSignIn } from './invite-to-sign-in.tsx';
import { askedOf, noField, useOwnFields } from './own-fields.ts';
import { ownColumn, usePeopleColumns } from './people-columns.tsx';

type Person = Item<'user.list'>;

export function PeoplePage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage title={t('people.title')} needs={['user.read']} notAllowed={t('people.notAllowed')}>
      <People />
    </AllowedPage>
  );
}

function People(): ReactNode {
  const { t } = useTranslation();
  const search = useSearch({ from: '/shell/people' });
  const navigate = useNavigate({ from: '/people' });
  const session = useSession();
  const may = useMay();
  const [giving, setGiving] = useState(false);
  // other filters mean another list: start at its first page
  const change = (part: PeopleSearch, replace = false): void => {
    navigate({ search: (before) => ({ ...before, after: undefined, ...part }), replace });
  };
  const known = useOwnFields(search.organizationId ?? session.membership.organizationId);
  const fields = known ?? [];
  // Until the field is known, a page without its filter would only flash by.
  const enabled = search.field === undefined || known !== undefined;
  const field = fields.find(({ key }) => key === search.field);
  const columns = usePeopleColumns(fields);
  const shown = useColumns('people', columns).shown;
  const filter = {
    search: search.q,
    status: search.status,
    organizationId: search.organizationId,
    below: search.organizationId ? !search.only : undefined,
    ...askedOf(search, field),
  };
  const query = useRead(
    'user.list',
    {
      ...filter,
      fields: shown.some(({ key }) => key.startsWith(ownColumn)) || undefined,
      sort: search.sort,
      cursor: search.after,
    },
    { keepPrevious: true, enabled },
  );
  const count = useRead('user.count', filter, { keepPrevious: true, enabled });
  const organization = useRead(
    'organization.read',
    { organizationId: search.organizationId ?? '' },
    { enabled: search.organizationId !== undefined },
  );
  const selection = useSelection<Person>((person) => person.membershipId);
  const invite = useInviteToSignIn(selection);
  const inForce = filtersInForce(t, search, field, organization.data?.name);
  const clear = (): void =>
    change({ q: undefined, status: undefined, organizationId: undefined, only: undefined, ...noField });
  const homes = new Set(selection.rows.map((person) => person.organizationId));
  return (
    <Page
      title={
        organization.data ? t('people.titleOf', { organization: organization.data.name }) : t('people.title')
      }
      lead={t('people.lead')}
      actions={
        <>
          <Button
            component="a"
            variant="default"
            href={addressOf('user.export', {
              organizationId: search.organizationId ?? session.membership.organizationId,
            })}
            download
            leftSection={<IconDownload size={16} aria-hidden />}
          >
            {t('people.export')}
          </Button>
          {may('user.enrol') ? (
            <ButtonLink
              to="/import-people"
              search={{ organizationId: search.organizationId }}
              variant="default"
              leftSection={<IconFileUpload size={16} aria-hidden />}
            >
              {t('peopleImport.open')}
            </ButtonLink>
          ) : null}
          {may('user.invite') ? <ButtonLink to="/invitations">{t('people.invite')}</ButtonLink> : null}
        </>
      }
    >
      <DataTable
        label={t('people.title')}
        name="people"
        query={query}
        columns={columns}
        rowId={(person) => person.membershipId}
        rowLabel={(person) => person.displayName}
        notAllowed={t('people.notAllowed')}
        empty={
          inForce.length > 0
            ? {
                title: t('people.noneFound'),
                text: t('people.noneFoundText'),
                action: <Loosen filters={inForce} onChange={change} onClear={clear} />,
              }
            : {
                title: t('people.none'),
                text: t('people.noneText'),
                action: may('user.invite') ? (
                  <TextLink to="/invitations">{t('people.invite')}</TextLink>
                ) : null,
              }
        }
        paging={{
          cursor: search.after,
          onCursor: (after) => navigate({ search: (before) => ({ ...before, after }) }),
        }}
        sort={{
          current: search.sort ?? 'name',
          onSort: (sort) => change({ sort: peopleSorts.find((one) => one === sort) }),
        }}
        selection={may('access.grant') || may('user.invite') ? selection : undefined}
        count={count.data ? howMany(t, count.data) : undefined}
        filters={
          <>
            <SearchField
              label={t('people.search')}
              placeholder={t('people.searchHint')}
              w={260}
              value={search.q}
              onSearch={(q) => change({ q }, true)}
            />
            <Select
              label={t('people.state')}
              placeholder={t('people.anyState')}
              clearable
              clearButtonProps={{ 'aria-label': t('picker.clear') }}
              data={peopleStates.map((state) => ({ value: state, label: t(`people.states.${state}`) }))}
              value={search.status ?? null}
              onChange={(status) => change({ status: peopleStates.find((one) => one === status) })}
              w={170}
            />
            <OrganizationPicker
              label={t('field.organization')}
              value={search.organizationId ?? null}
              known={organization.data}
              // another organization has other fields
              onChange={(organizationId) =>
                change({ ...noField, organizationId: organizationId ?? undefined })
              }
            />
            {search.organizationId ? (
              <Switch
                label={t('people.only')}
                checked={search.only ?? false}
                onChange={(event) => change({ only: event.currentTarget.checked || undefined })}
                mb={8}
              />
            ) : null}
            <FieldFilter fields={fields} search={search} onChange={change} />
          </>
        }
      />
      <BulkBar selection={selection}>
        {may('access.grant') ? (
          <GiveButton blocked={false} onClick={() => setGiving(true)}>
            {t('access.giveAccess')}
          </GiveButton>
        ) : null}
        {may('user.invite') && selection.rows.some((person) => person.state === 'no-sign-in') ? (
          <Button
            variant="default"
            leftSection={<IconMailForward size={16} aria-hidden />}
            loading={invite.busy}
            onClick={invite.start}
          >
            {t('people.inviteToSignIn')}
          </Button>
        ) : null}
      </BulkBar>
      {invite.result}
      <GiveAccessDialog
        opened={giving}
        onClose={() => setGiving(false)}
        people={selection.rows}
        organizationId={(homes.size === 1 ? [...homes][0] : undefined) ?? session.membership.organizationId}
        onDone={selection.clear}
      />
    </Page>
  );
}

/** Somebody may belong to several of the organizations shown: people and memberships are then said apart. */
function howMany(t: Say, { count, people }: Output<'user.count'>): string {
  const { atLeast, atMost } = people;
  const said =
    atLeast === atMost
      ? t('people.count', { count: atLeast })
      : t('people.countBetween', { atLeast: atLeast.toLocaleString(), atMost: atMost.toLocaleString() });
  return atLeast === count ? said : t('people.countMemberships', { people: said, count });
}
