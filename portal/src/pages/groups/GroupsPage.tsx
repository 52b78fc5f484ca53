import { Text } from '@mantine/core';
import { useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Card } from '../../page/CardList.tsx';
import { Page } from '../../page/Page.tsx';
import { PagedCards } from '../../page/PagedCards.tsx';
import { ActButton, GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { FormDialog } from '../../parts/FormDialog.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { PreviewedDialog } from '../../parts/PreviewedDialog.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { GroupForm } from './GroupForm.tsx';
import { GroupPeople } from './GroupPeople.tsx';
import type { PeopleGroup } from './people-group.ts';

/** Named sets of people, which rules can give access to. */
export function GroupsPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage
      title={t('groups.title')}
      needs={['group.configure', 'user.read']}
      notAllowed={t('groups.notAllowed')}
    >
      <Groups />
    </AllowedPage>
  );
}

function Groups(): ReactNode {
  const { t } = useTranslation();
  const may = useMay();
  const { cursor } = useSearch({ from: '/shell/groups' });
  const query = useRead('group.list', { cursor }, { keepPrevious: true });
  const [editing, setEditing] = useState<PeopleGroup | 'new'>();
  const [filling, setFilling] = useState<PeopleGroup>();
  const [ending, setEnding] = useState<PeopleGroup>();
  const blocked = may('group.configure') ? false : t('groups.mayNot');
  const why = { permission: 'group.configure' } as const;
  const close = (): void => setEditing(undefined);
  const make = (
    <GiveButton blocked={blocked} why={why} onClick={() => setEditing('new')}>
      {t('groups.make')}
    </GiveButton>
  );
  return (
    <Page title={t('groups.title')} lead={t('groups.lead')} actions={make}>
      <PagedCards
        query={query}
        label={t('groups.title')}
        notAllowed={t('groups.notAllowed')}
        none={{ title: t('groups.none'), text: t('groups.noneText') }}
        next={(next) => (
          <ButtonLink to="/groups" search={{ cursor: next }} variant="default" size="xs">
            {t('table.next')}
          </ButtonLink>
        )}
      >
        {(group) => (
          <Card
            key={group.id}
            name={group.name}
            facts={[group.organizationName, group.description]}
            acts={
              <>
                <ActButton
                  size="xs"
                  variant="default"
                  blocked={false}
                  aria-label={t('groups.peopleOf', { name: group.name })}
                  onClick={() => setFilling(group)}
                >
                  {t('groups.people')}
                </ActButton>
                <ActButton
                  size="xs"
                  variant="default"
                  blocked={blocked}
                  why={why}
                  aria-label={t('groups.editOf', { name: group.name })}
                  onClick={() => setEditing(group)}
                >
                  {t('do.edit')}
                </ActButton>
                <TakeButton
                  size="xs"
                  blocked={blocked}
                  aria-label={t('groups.endOf', { name: group.name })}
                  onClick={() => setEnding(group)}
                >
                  {t('groups.end')}
                </TakeButton>
              </>
            }
          />
        )}
      </PagedCards>
      <FormDialog
        opened={editing !== undefined}
        onClose={close}
        title={editing === 'new' || !editing ? t('groups.make') : t('groups.editOf', { name: editing.name })}
      >
        <GroupForm group={editing === 'new' ? undefined : editing} onClose={close} />
      </FormDialog>
      <FormDialog
        opened={filling !== undefined}
        onClose={() => setFilling(undefined)}
        title={t('groups.peopleOf', { name: filling?.name ?? '' })}
      >
        {filling ? <GroupPeople group={filling} /> : null}
      </FormDialog>
      {ending ? (
        <PreviewedDialog
          opened
          onClose={() => setEnding(undefined)}
          operation="group.end"
          input={{ groupId: ending.id }}
          ifVersion={ending.version}
          title={t('groups.endOf', { name: ending.name })}
          text={<Text size="sm">{t('groups.endText')}</Text>}
          confirm={t('groups.end')}
          onDone={({ name }) => sayDone(t('groups.ended', { name }))}
        />
      ) : null}
    </Page>
  );
}
