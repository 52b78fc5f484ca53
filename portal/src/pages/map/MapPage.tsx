import { Box, Drawer, Group, SegmentedControl, Skeleton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { MapList } from './MapList.tsx';
import { MapPanel } from './MapPanel.tsx';
import { useMapTree } from './use-map-tree.ts';

// the picture brings a library of its own: only who looks at it loads it
const MapCanvas = lazy(() => import('./MapCanvas.tsx').then((module) => ({ default: module.MapCanvas })));

export function MapPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage
      title={t('map.title')}
      needs={['organization.read']}
      notAllowed={t('organizations.notAllowed')}
    >
      <OrganizationMap />
    </AllowedPage>
  );
}

/** Who may do what, where: as a picture at a desk, as a list on a phone, for the keyboard and for readers. */
function OrganizationMap(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const may = useMay();
  const wide = useMediaQuery('(min-width: 62em)', window.innerWidth >= 992);
  const { organizationId, view } = useSearch({ from: '/shell/map' });
  const shown = wide ? (view ?? 'picture') : 'list';

  // Where somebody was sent by a link, or searched: its branch opens.
  const chosen = useRead('map.read', { organizationId, limit: 1 }, { enabled: organizationId !== undefined });
  const tree = useMapTree([], chosen.data?.organization ?? undefined);
  const { expand, top } = tree;
  const above = chosen.data?.above;
  useEffect(() => {
    if (above) expand(above.map(({ id }) => id));
  }, [above, expand]);
  // With one organization at the top, its branch is what one wants to see.
  const only = top.data?.items.length === 1 ? top.data.items[0]?.id : undefined;
  useEffect(() => {
    if (only) expand([only]);
  }, [only, expand]);

  const select = (id: string | undefined): void => {
    void navigate({ to: '/map', search: { organizationId: id, view }, replace: true });
  };
  const panel = organizationId ? <MapPanel key={organizationId} organizationId={organizationId} /> : null;
  return (
    <Page
      title={t('map.title')}
      lead={t('map.lead')}
      actions={
        <>
          {may('organization.create') && may('delegation.create') ? (
            <ButtonLink to="/arrangements" search={{ parentId: organizationId }} variant="default">
              {t('map.arrangements')}
            </ButtonLink>
          ) : null}
          {may('delegation.create') ? (
            <ButtonLink to="/delegate" search={{ organizationId }}>
              {t('map.delegate')}
            </ButtonLink>
          ) : null}
        </>
      }
    >
      <Group align="flex-end" justify="space-between">
        <Box style={{ flex: '1 1 220px', maxWidth: 420 }}>
          <OrganizationPicker
            label={t('map.find')}
            value={organizationId ?? null}
            onChange={(id) => select(id ?? undefined)}
            known={chosen.data?.organization ?? undefined}
          />
        </Box>
        {wide ? (
          <SegmentedControl
            aria-label={t('map.view')}
            value={shown}
            onChange={(to) =>
              navigate({
                to: '/map',
                search: { organizationId, view: to === 'list' ? 'list' : undefined },
                replace: true,
              })
            }
            data={[
              { value: 'picture', label: t('map.viewPicture') },
              { value: 'list', label: t('map.viewList') },
            ]}
          />
        ) : null}
      </Group>
      <Loaded
        query={top}
        notAllowed={t('organizations.notAllowed')}
        empty={{
          when: (page) => page.items.length === 0,
          title: t('organizations.none'),
          text: t('organizations.noneText'),
          action: null,
        }}
      >
        {() => (
          <Group align="flex-start" wrap="nowrap" gap="md">
            {/* the picture stays in sight while one reads down the panel beside it */}
            <Box
              style={{
                flex: 1,
                minWidth: 0,
                ...(shown === 'picture' ? { position: 'sticky', top: 72 } : {}),
              }}
            >
              {shown === 'picture' ? (
                <Box
                  component="section"
                  aria-label={t('map.picture')}
                  h="max(480px, calc(100vh - 300px))"
                  style={{
                    border: '1px solid var(--mantine-color-default-border)',
                    borderRadius: 'var(--mantine-radius-md)',
                    overflow: 'hidden',
                  }}
                >
                  <Suspense fallback={<Skeleton h="100%" aria-busy="true" />}>
                    <MapCanvas tree={tree} selectedId={organizationId} onSelect={select} />
                  </Suspense>
                </Box>
              ) : (
                <MapList tree={tree} selectedId={organizationId} onSelect={select} />
              )}
            </Box>
            {wide && panel ? (
              <Box component="aside" w={380} style={{ flex: 'none' }} aria-label={t('map.panel')}>
                {panel}
              </Box>
            ) : null}
          </Group>
        )}
      </Loaded>
      {wide ? null : (
        <Drawer
          opened={organizationId !== undefined}
          onClose={() => select(undefined)}
          position="bottom"
          size="85%"
          title={t('map.panel')}
          closeButtonProps={{ 'aria-label': t('action.close') }}
        >
          {panel}
        </Drawer>
      )}
    </Page>
  );
}
