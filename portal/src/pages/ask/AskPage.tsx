import { Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Item } from '../../api/types.ts';
import { catalogue } from '../../i18n/catalogue.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { SearchField } from '../../parts/SearchField.tsx';
import { AskDialog } from './AskDialog.tsx';

export type Offer = Item<'request.catalogue'>;

/** What one could ask for. A link may choose one already: ?application=orders&role=buyer. */
export function AskPage(): ReactNode {
  const { t } = useTranslation();
  const search = useSearch({ from: '/shell/ask' });
  const navigate = useNavigate({ from: '/ask' });
  const [chosen, setChosen] = useState<Offer>();
  const [linkClosed, setLinkClosed] = useState(false);
  const query = useRead('request.catalogue', search.q ? { search: search.q } : {}, { keepPrevious: true });
  const linked = linkClosed ? undefined : query.data?.items.find((offer) => isMeant(offer, search));
  const asking = chosen ?? (linked?.state === 'free' ? linked : undefined);
  return (
    <Page title={t('ask.title')} lead={t('ask.lead')}>
      <SearchField
        label={t('ask.search')}
        value={search.q}
        onSearch={(q) => navigate({ search: (before) => ({ ...before, q }), replace: true })}
        maw={420}
      />
      <Loaded
        query={query}
        notAllowed={t('state.notAllowedPage')}
        empty={{
          when: (page) => page.items.length === 0,
          title: search.q ? t('ask.noneFound') : t('ask.none'),
          text: search.q ? t('ask.noneFoundText') : t('ask.noneText'),
          action: null,
        }}
      >
        {(page) => (
          <Stack>
            {grouped(page.items, t('ask.bundles')).map(([name, offers]) => (
              <Paper component="section" withBorder p="md" key={name} aria-label={name}>
                <Title order={2} mb="xs">
                  {name}
                </Title>
                <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: 'none' }}>
                  {offers.map((offer) => (
                    <OfferRow key={offer.id} offer={offer} onAsk={() => setChosen(offer)} />
                  ))}
                </Stack>
              </Paper>
            ))}
          </Stack>
        )}
      </Loaded>
      <AskDialog
        offer={asking}
        onClose={() => {
          setChosen(undefined);
          setLinkClosed(true);
        }}
      />
    </Page>
  );
}

function OfferRow({ offer, onAsk }: { offer: Offer; onAsk: () => void }): ReactNode {
  const { t } = useTranslation();
  return (
    <Group component="li" justify="space-between" gap="xs">
      <div>
        <Group gap="xs">
          <Text size="sm" fw={600}>
            {offer.name}
          </Text>
          {offer.state === 'free' ? null : (
            <Badge variant="outline" tt="none" styles={{ label: { color: 'var(--mantine-color-text)' } }}>
              {t('ask.waiting')}
            </Badge>
          )}
        </Group>
        {offer.description ? (
          <Text size="sm" c="dimmed">
            {offer.description}
          </Text>
        ) : null}
      </div>
      {offer.state === 'free' ? (
        <GiveButton
          size="compact-sm"
          blocked={false}
          aria-label={t('ask.askFor', { name: nameOf(offer) })}
          onClick={onAsk}
        >
          {t('ask.ask')}
        </GiveButton>
      ) : null}
    </Group>
  );
}

export const nameOf = (offer: Offer): string =>
  offer.applicationName
    ? catalogue.t('access.roleOf', { role: offer.name, application: offer.applicationName })
    : offer.name;

function grouped(offers: readonly Offer[], bundles: string): [string, Offer[]][] {
  const groups = new Map<string, Offer[]>();
  for (const offer of offers) {
    const name = offer.applicationName ?? bundles;
    groups.set(name, [...(groups.get(name) ?? []), offer]);
  }
  return [...groups];
}

/** A link names application and role by id or by name. */
function isMeant(
  offer: Offer,
  link: { application?: string | undefined; role?: string | undefined },
): boolean {
  const same = (given: string, ...names: (string | undefined)[]): boolean =>
    names.some((name) => name?.toLowerCase() === given.toLowerCase());
  if (!link.role) return false;
  if (link.application && !same(link.application, offer.applicationId, offer.applicationName)) return false;
  return same(link.role, offer.id, offer.name);
}
