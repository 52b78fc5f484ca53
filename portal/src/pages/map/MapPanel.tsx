import { Badge, Group, Stack, Text, Title } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { number } from '../../i18n/dates.ts';
import { EmptyState } from '../../page/EmptyState.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import { ButtonLink, TextLink } from '../../parts/links.tsx';
import { DelegationCard } from '../organizations/DelegationCard.tsx';
import { OrganizationSwitches } from '../organizations/OrganizationSwitches.tsx';
import { ExceptionsPart } from './ExceptionsPart.tsx';
import { MergeDialog } from './MergeDialog.tsx';
import { MoveDialog } from './MoveDialog.tsx';

type Organization = Output<'organization.read'>;

/** One organization of the map: who may do what there, and what can be done about it. */
export function MapPanel({ organizationId }: { organizationId: string }): ReactNode {
  const { t } = useTranslation();
  const query = useRead('organization.read', { organizationId });
  return (
    <Loaded query={query} notAllowed={t('organizations.notAllowed')} empty="never">
      {(organization) => <Contents organization={organization} />}
    </Loaded>
  );
}

function Contents({ organization }: { organization: Organization }): ReactNode {
  const { t } = useTranslation();
  const [moving, setMoving] = useState<'move' | 'merge'>();
  const navigate = useNavigate();
  const { id, name, may } = organization;
  const reads = may.includes('delegation.read');
  const delegations = useRead('delegation.list', { organizationId: id, limit: 200 }, { enabled: reads });
  return (
    <Stack gap="md">
      <div>
        <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
          <Title order={2} size="h3" style={{ overflowWrap: 'anywhere' }}>
            {name}
          </Title>
          {organization.state === 'active' ? null : (
            <Badge color="gray.7" style={{ flex: 'none' }}>
              {t(`organization.state.${organization.state}`)}
            </Badge>
          )}
        </Group>
        <Text size="sm" c="dimmed">
          {t('organizations.people', {
            count: organization.peopleCount,
            number: number(organization.peopleCount),
          })}
        </Text>
        <TextLink to="/organizations/$organizationId" params={{ organizationId: id }} search={{}} size="sm">
          {t('map.openPage')}
        </TextLink>
      </div>
      <Group gap="xs">
        {may.includes('delegation.create') && !organization.off ? (
          <ButtonLink to="/delegate" search={{ organizationId: id }} size="xs">
            {t('map.delegateHere')}
          </ButtonLink>
        ) : null}
        {organization.isRoot ? null : (
          <ActButton
            size="xs"
            variant="default"
            blocked={may.includes('organization.move') ? false : t('move.mayNot')}
            why={{ permission: 'organization.move', organizationId: id }}
            onClick={() => setMoving('move')}
          >
            {t('move.open')}
          </ActButton>
        )}
        {organization.isRoot ? null : (
          <ActButton
            size="xs"
            variant="default"
            blocked={
              !may.includes('organization.move') || !may.includes('organization.close')
                ? t('merge.mayNot')
                : organization.off
                  ? t('organization.isOff')
                  : false
            }
            onClick={() => setMoving('merge')}
          >
            {t('merge.open')}
          </ActButton>
        )}
        <OrganizationSwitches organization={organization} />
      </Group>
      {moving === 'move' ? (
        <MoveDialog organization={organization} onClose={() => setMoving(undefined)} />
      ) : null}
      {moving === 'merge' ? (
        <MergeDialog
          organization={organization}
          onClose={() => setMoving(undefined)}
          onDone={(intoId) => navigate({ to: '/map', search: { organizationId: intoId }, replace: true })}
        />
      ) : null}
      <Title order={3} size="h4">
        {t('map.whoMayWhat')}
      </Title>
      {reads ? (
        <Loaded
          query={delegations}
          notAllowed={t('managers.notAllowed')}
          empty={{
            when: (page) => page.items.length === 0,
            title: t('map.nobodyHere'),
            text: t('map.nobodyHereText'),
            action: null,
          }}
        >
          {(page) => (
            <>
              <Stack
                component="ul"
                p={0}
                m={0}
                gap="xs"
                style={{ listStyle: 'none' }}
                aria-label={t('map.listOf', { name })}
              >
                {page.items.map((delegation) => (
                  <DelegationCard key={delegation.id} delegation={delegation} />
                ))}
              </Stack>
              {organization.isRoot ? null : (
                <Text size="sm" c="dimmed">
                  {t('map.andAbove')}
                </Text>
              )}
            </>
          )}
        </Loaded>
      ) : (
        <EmptyState title={t('map.mayNotSee')} text={t('managers.notAllowed')} action={null} />
      )}
      {reads ? <ExceptionsPart organization={organization} /> : null}
    </Stack>
  );
}
