import { Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { GiveButton } from '../../parts/ActButton.tsx';
import { TextLink } from '../../parts/links.tsx';
import { sayWouldBreak, sayWouldBreakAsked } from '../../parts/would-break.ts';
import { nameOf, type Offer, whoDecides, whoHas } from './offer.ts';

/** What can be asked for, by application: what for, who has it, who would decide, and what speaks against it. */
export function OfferList({
  offers,
  onAsk,
}: {
  offers: readonly Offer[];
  onAsk: (offer: Offer) => void;
}): ReactNode {
  const { t } = useTranslation();
  return grouped(offers, t('ask.bundles')).map(([name, members]) => (
    <Paper component="section" withBorder p="md" key={name} aria-label={name}>
      <Title order={2} mb="xs">
        {name}
      </Title>
      <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: 'none' }}>
        {members.map((offer) => (
          <OfferRow key={offer.id} offer={offer} onAsk={() => onAsk(offer)} />
        ))}
      </Stack>
    </Paper>
  ));
}

function OfferRow({ offer, onAsk }: { offer: Offer; onAsk: () => void }): ReactNode {
  const { t } = useTranslation();
  const broken = sayWouldBreak(offer.wouldBreak) ?? sayWouldBreakAsked(offer.wouldBreakAsked);
  return (
    <Group component="li" justify="space-between" gap="xs" align="flex-start">
      <div style={{ flex: '1 1 220px', minWidth: 0 }}>
        <Group gap="xs">
          <Text size="sm" fw={600}>
            {offer.name}
          </Text>
          <RiskBadge risk={offer.risk} />
          {offer.openRequestId ? (
            <TextLink to="/requests/$requestId" params={{ requestId: offer.openRequestId }} size="sm">
              {t('ask.waiting')}
            </TextLink>
          ) : null}
        </Group>
        {offer.description ? <Text size="sm">{offer.description}</Text> : null}
        <Text size="xs" c="dimmed">
          {[whoDecides(offer), offer.wantsAttachment ? t('ask.fileWanted') : '', whoHas(offer)]
            .filter(Boolean)
            .join(' · ')}
        </Text>
        {broken ? (
          <Text size="sm" c="light-dark(var(--mantine-color-red-9), var(--mantine-color-red-3))">
            {broken}
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

/** What is neither high nor low is like most, and not worth a word. */
export function RiskBadge({ risk }: Pick<Offer, 'risk'>): ReactNode {
  const { t } = useTranslation();
  if (risk === 'normal') return null;
  return (
    <Badge
      variant="outline"
      color={risk === 'high' ? 'red' : 'gray'}
      tt="none"
      styles={{ label: { color: 'var(--mantine-color-text)' } }}
    >
      {t(`ask.risk.${risk}`)}
    </Badge>
  );
}

function grouped(offers: readonly Offer[], bundles: string): [string, Offer[]][] {
  const groups = new Map<string, Offer[]>();
  for (const offer of offers) {
    const name = offer.applicationName ?? bundles;
    groups.set(name, [...(groups.get(name) ?? []), offer]);
  }
  return [...groups];
}
