import { Badge } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { moment } from '../../i18n/dates.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Card, CardList } from '../../page/CardList.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { FormDialog } from '../../parts/FormDialog.tsx';
import { TextLink } from '../../parts/links.tsx';
import { TargetForm } from './TargetForm.tsx';
import type { Target } from './target.ts';

/** Systems in which accounts of people are kept, and how each of them is. */
export function TargetsPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage title={t('targets.title')} needs={['target.read']} notAllowed={t('targets.notAllowed')}>
      <Targets />
    </AllowedPage>
  );
}

function Targets(): ReactNode {
  const { t } = useTranslation();
  const may = useMay();
  const navigate = useNavigate();
  const query = useRead('target.list', {});
  const [making, setMaking] = useState(false);
  const close = (): void => setMaking(false);
  return (
    <Page
      title={t('targets.title')}
      lead={t('targets.lead')}
      actions={
        <GiveButton
          blocked={may('target.configure') ? false : t('targets.mayNot')}
          why={{ permission: 'target.configure' }}
          onClick={() => setMaking(true)}
        >
          {t('targets.connect')}
        </GiveButton>
      }
    >
      <Loaded
        query={query}
        notAllowed={t('targets.notAllowed')}
        empty={{
          when: (list) => list.items.length === 0,
          title: t('targets.none'),
          text: t('targets.noneText'),
          action: null,
        }}
      >
        {(list) => (
          <CardList label={t('targets.title')}>
            {list.items.map((one) => (
              <Card
                key={one.id}
                name={one.name}
                title={
                  <TextLink
                    to="/targets/$provisioningTargetId"
                    params={{ provisioningTargetId: one.id }}
                    search={{}}
                    fw={600}
                  >
                    {one.name}
                  </TextLink>
                }
                beside={<StateOfTarget target={one} />}
                facts={[
                  one.organizationName,
                  t('targets.accounts', { count: one.accounts }),
                  ...(one.waiting > 0 ? [t('targets.waiting', { count: one.waiting })] : []),
                  ...(one.dead > 0 ? [t('targets.dead', { count: one.dead })] : []),
                ]}
              />
            ))}
          </CardList>
        )}
      </Loaded>
      <FormDialog opened={making} onClose={close} title={t('targets.connect')}>
        <TargetForm
          target={undefined}
          onClose={close}
          onMade={(id) =>
            void navigate({
              to: '/targets/$provisioningTargetId',
              params: { provisioningTargetId: id },
              search: {},
            })
          }
        />
      </FormDialog>
    </Page>
  );
}

/** How it is, in a word: what needs somebody first. */
export function StateOfTarget({ target }: { target: Target }): ReactNode {
  const { t } = useTranslation();
  if (target.overdue > 0)
    return <Badge color="red.9">{t('targets.overdue', { count: target.overdue })}</Badge>;
  const mild =
    target.state === 'active'
      ? target.brakedAt || target.changesHeldAt
        ? t('targets.braked')
        : target.failingSince
          ? t('targets.failing', { since: moment(target.failingSince) })
          : undefined
      : undefined;
  if (mild)
    return (
      <Badge variant="outline" color="yellow" c="inherit" tt="none">
        {mild}
      </Badge>
    );
  if (target.state === 'retired') return null;
  return (
    <Badge variant="outline" color="gray" c="inherit" tt="none">
      {t(`targets.state.${target.state}`)}
    </Badge>
  );
}
