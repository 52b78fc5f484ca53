import { Alert, Badge, Breadcrumbs, Group, Tabs, Text } from '@mantine/core';
import { IconAlertTriangle, IconMailPlus } from '@tabler/icons-react';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { ButtonLink, TextLink } from '../../parts/links.tsx';
import { FeedsSection } from '../feeds/FeedsSection.tsx';
import { AppointDialog } from './AppointDialog.tsx';
import { BelowSection } from './BelowSection.tsx';
import { FieldsSection } from './FieldsSection.tsx';
import { HandOutSection } from './HandOutSection.tsx';
import { useInvitedManagers } from './InvitedManagers.tsx';
import { KeysSection } from './KeysSection.tsx';
import { ManagersSection } from './ManagersSection.tsx';
import { OverviewSection } from './OverviewSection.tsx';
import type { Organization } from './organization.ts';
import { type Section, sectionOf } from './sections.ts';

export function OrganizationPage(): ReactNode {
  const { t } = useTranslation();
  const { organizationId } = useParams({ from: '/shell/organizations/$organizationId' });
  const query = useRead('organization.read', { organizationId });
  if (query.data) return <OrganizationView key={query.data.id} organization={query.data} />;
  return (
    <Page title={t('field.organization')}>
      <Loaded query={query} notAllowed={t('organizations.notAllowed')} empty="never">
        {() => null}
      </Loaded>
    </Page>
  );
}

function OrganizationView({ organization }: { organization: Organization }): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { section = 'overview' } = useSearch({ from: '/shell/organizations/$organizationId' });
  const [appointing, setAppointing] = useState(false);
  const may = (permission: Organization['may'][number]): boolean => organization.may.includes(permission);
  const shown: Section[] = [
    'overview',
    ...(may('delegation.read') ? (['managers', 'hand-out'] as const) : []),
    'below',
    'fields',
    ...(may('client.configure') ? (['feeds', 'keys'] as const) : []),
  ];
  const off = organization.off ? t('organization.isOff') : false;
  const appoint = may('delegation.create') ? off : t('managers.mayNotAppoint');
  return (
    <Page
      title={organization.name}
      lead={organization.description || undefined}
      above={<Above organization={organization} />}
      actions={
        <>
          {may('user.invite') && !organization.off ? (
            <ButtonLink
              to="/invitations/new"
              search={{ organizationId: organization.id }}
              variant="default"
              leftSection={<IconMailPlus size={16} aria-hidden />}
            >
              {t('organization.invite')}
            </ButtonLink>
          ) : null}
          {may('delegation.read') ? (
            <GiveButton
              blocked={appoint}
              why={
                !may('delegation.create') && {
                  permission: 'delegation.create',
                  organizationId: organization.id,
                }
              }
              onClick={() => setAppointing(true)}
            >
              {t('managers.appoint')}
            </GiveButton>
          ) : null}
        </>
      }
    >
      <FewManagers organization={organization} />
      <Tabs
        value={section}
        keepMounted={false}
        onChange={(to) =>
          navigate({
            to: '/organizations/$organizationId',
            params: { organizationId: organization.id },
            search: { section: to === 'overview' ? undefined : sectionOf(to) },
          })
        }
      >
        <Tabs.List aria-label={t('organization.parts')}>
          {shown.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`organization.section.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview" pt="lg">
          <OverviewSection organization={organization} />
        </Tabs.Panel>
        <Tabs.Panel value="managers" pt="lg">
          <ManagersSection organization={organization} onAppoint={() => setAppointing(true)} />
        </Tabs.Panel>
        <Tabs.Panel value="hand-out" pt="lg">
          <HandOutSection organization={organization} />
        </Tabs.Panel>
        <Tabs.Panel value="below" pt="lg">
          <BelowSection organization={organization} />
        </Tabs.Panel>
        <Tabs.Panel value="fields" pt="lg">
          <FieldsSection organization={organization} />
        </Tabs.Panel>
        <Tabs.Panel value="feeds" pt="lg">
          <FeedsSection organization={organization} />
        </Tabs.Panel>
        <Tabs.Panel value="keys" pt="lg">
          <KeysSection organization={organization} />
        </Tabs.Panel>
      </Tabs>
      <AppointDialog organization={organization} opened={appointing} onClose={() => setAppointing(false)} />
    </Page>
  );
}

function Above({ organization }: { organization: Organization }): ReactNode {
  const { t } = useTranslation();
  return (
    <Group gap="xs" mb={4}>
      <nav aria-label={t('organization.whereItStands')}>
        <Breadcrumbs separator="›" style={{ flexWrap: 'wrap' }}>
          <TextLink to="/organizations" size="sm">
            {t('organizations.title')}
          </TextLink>
          {organization.breadcrumbs.map((above) => (
            <TextLink
              key={above.id}
              to="/organizations/$organizationId"
              params={{ organizationId: above.id }}
              search={{}}
              size="sm"
            >
              {above.name}
            </TextLink>
          ))}
        </Breadcrumbs>
      </nav>
      {organization.state === 'active' ? (
        organization.off ? (
          <Badge color="gray.7">{t('organization.state.offAbove')}</Badge>
        ) : null
      ) : (
        <Badge color="gray.7">{t(`organization.state.${organization.state}`)}</Badge>
      )}
    </Group>
  );
}

/** One manager is one illness away from nobody. */
function FewManagers({ organization }: { organization: Organization }): ReactNode {
  const { t } = useTranslation();
  const count = organization.managersCount;
  const invited = useInvitedManagers(organization).map(({ displayName, email }) => displayName || email);
  if (count === null || count > 1 || organization.off) return null;
  return (
    <Alert
      color="yellow"
      variant="outline"
      c="inherit"
      icon={<IconAlertTriangle aria-hidden />}
      title={count === 1 ? t('managers.onlyOne') : t('managers.noneHere')}
    >
      <Text size="sm">{count === 1 ? t('managers.onlyOneText') : t('managers.noneHereText')}</Text>
      {invited.length > 0 ? (
        <Text size="sm">{t('managers.someInvited', { names: invited.join(', ') })}</Text>
      ) : null}
    </Alert>
  );
}
