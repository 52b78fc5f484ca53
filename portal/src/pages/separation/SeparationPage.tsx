import { Badge, Text } from '@mantine/core';
import { useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Card } from '../../page/CardList.tsx';
import { Page } from '../../page/Page.tsx';
import { PagedCards } from '../../page/PagedCards.tsx';
import { ActButton, TakeButton } from '../../parts/ActButton.tsx';
import { FormDialog } from '../../parts/FormDialog.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { PreviewedDialog } from '../../parts/PreviewedDialog.tsx';
import { RoleBadges } from '../../parts/RoleBadges.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { Conflicts } from './Conflicts.tsx';
import { ExceptDialog } from './ExceptDialog.tsx';
import { Exceptions } from './Exceptions.tsx';
import { SeparationForm } from './SeparationForm.tsx';
import type { Separation } from './separation.ts';

/** Roles that one person may not have together; who may all the same, until when; and who has too many. */
export function SeparationPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage
      title={t('separation.title')}
      needs={['separation.configure', 'access.read']}
      notAllowed={t('separation.notAllowed')}
    >
      <Separations />
    </AllowedPage>
  );
}

function Separations(): ReactNode {
  const { t } = useTranslation();
  const may = useMay();
  const { cursor } = useSearch({ from: '/shell/separation' });
  const query = useRead('separation.list', { cursor }, { keepPrevious: true });
  const [editing, setEditing] = useState<Separation | 'new'>();
  const [retiring, setRetiring] = useState<Separation>();
  const [excepting, setExcepting] = useState<Separation>();
  const blocked = may('separation.configure') ? false : t('separation.mayNot');
  const why = { permission: 'separation.configure' } as const;
  const close = (): void => setEditing(undefined);
  const make = (
    <TakeButton blocked={blocked} why={why} onClick={() => setEditing('new')}>
      {t('separation.make')}
    </TakeButton>
  );
  return (
    <Page title={t('separation.title')} lead={t('separation.lead')} actions={make}>
      <PagedCards
        query={query}
        label={t('separation.title')}
        notAllowed={t('separation.notAllowed')}
        none={{ title: t('separation.none'), text: t('separation.noneText') }}
        next={(next) => (
          <ButtonLink to="/separation" search={{ cursor: next }} variant="default" size="xs">
            {t('table.next')}
          </ButtonLink>
        )}
      >
        {(one) => (
          <Card
            key={one.id}
            name={one.name}
            beside={
              one.exceptions > 0 ? (
                <Badge variant="outline" color="yellow" c="inherit" tt="none">
                  {t('separation.exceptedNow', { count: one.exceptions })}
                </Badge>
              ) : null
            }
            facts={[
              t('separation.tooManyOf', { count: one.tooMany }),
              t('separation.countsIn', { organization: one.organizationName }),
              one.reason,
            ]}
            acts={
              <>
                <ActButton
                  size="xs"
                  variant="default"
                  blocked={blocked}
                  aria-label={t('separation.exceptOf', { name: one.name })}
                  onClick={() => setExcepting(one)}
                >
                  {t('separation.except')}
                </ActButton>
                <ActButton
                  size="xs"
                  variant="default"
                  blocked={blocked}
                  why={why}
                  aria-label={t('separation.editOf', { name: one.name })}
                  onClick={() => setEditing(one)}
                >
                  {t('do.edit')}
                </ActButton>
                <ActButton
                  size="xs"
                  variant="default"
                  blocked={blocked}
                  aria-label={t('separation.retireOf', { name: one.name })}
                  onClick={() => setRetiring(one)}
                >
                  {t('separation.retire')}
                </ActButton>
              </>
            }
          >
            <RoleBadges roles={one.roles}>
              {one.more ? <Text size="sm">{t('separation.more')}</Text> : null}
            </RoleBadges>
          </Card>
        )}
      </PagedCards>
      <Conflicts blocked={blocked} />
      <Exceptions blocked={blocked} />
      <FormDialog
        opened={editing !== undefined}
        onClose={close}
        title={
          editing === 'new' || !editing
            ? t('separation.make')
            : t('separation.editOf', { name: editing.name })
        }
      >
        <SeparationForm separation={editing === 'new' ? undefined : editing} onClose={close} />
      </FormDialog>
      {excepting ? (
        <ExceptDialog separation={excepting} person={undefined} onClose={() => setExcepting(undefined)} />
      ) : null}
      {retiring ? (
        <PreviewedDialog
          opened
          onClose={() => setRetiring(undefined)}
          operation="separation.retire"
          input={{ separationId: retiring.id }}
          ifVersion={retiring.version}
          title={t('separation.retireOf', { name: retiring.name })}
          text={<Text size="sm">{t('separation.retireText')}</Text>}
          confirm={t('separation.retire')}
          onDone={({ name }) => sayDone(t('separation.retired', { name }))}
        />
      ) : null}
    </Page>
  );
}
