import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../api/types.ts';
import { catalogue } from '../../i18n/catalogue.ts';
import { type PreviewLine, PreviewList } from '../../parts/PreviewList.tsx';

type Behind = Output<'membership.left-behind'>;
export type Thing = Behind['items'][number];

/** Said above already, where nobody takes over: what they manage waits, and reports stand. */
const saidAbove: readonly Thing['kind'][] = ['delegation', 'report'];

/** In words; one key a kind, because a key put together of all of them takes the compiler minutes. */
export function whatIs({ kind, name, organizationName }: Thing): string {
  const { t } = catalogue;
  const organization = organizationName ?? '';
  const person = name ?? t('leave.somebody');
  switch (kind) {
    case 'delegation':
      return t('leave.behind.delegation', { name: name ?? t('leave.manager'), organization });
    case 'report':
      return t('leave.behind.report', { name: person });
    case 'policy':
      return t('leave.behind.policy', { name: person, organization });
    case 'request':
      return t('leave.behind.request', { name: person });
    case 'decides-for':
      return t('leave.behind.decides-for', { name: person });
    case 'deputy':
      return t('leave.behind.deputy', { name: person });
    case 'guardian':
      return t('leave.behind.guardian', { organization });
  }
}

/** What somebody leaves behind: what goes to whom, and what stays vacant, and why. */
export function LeftBehind({
  behind,
  successor,
  all = false,
}: {
  behind: Behind;
  successor: { membershipId: string; displayName: string } | null;
  /** nothing of it was said above */
  all?: boolean;
}): ReactNode {
  const { t } = useTranslation();
  const shown = behind.items.filter(({ kind }) => all || successor !== null || !saidAbove.includes(kind));
  const lines = shown.map((thing): PreviewLine => {
    const what = whatIs(thing);
    // Nobody is their own line manager.
    if (thing.handed && successor && thing.kind === 'report' && thing.id === successor.membershipId)
      return { kind: 'stays', text: t('leave.comesBelow', { successor: successor.displayName }) };
    if (thing.handed && successor)
      return { kind: 'gains', text: t('leave.goes', { successor: successor.displayName, what }) };
    const because = thing.why ? t('leave.becauseOf', { what, why: thing.why }) : what;
    return { kind: 'stays', text: t('leave.staysVacant', { what: because }) };
  });
  if (behind.elsewhere) lines.push({ kind: 'stays', text: t('leave.behindElsewhere') });
  if (lines.length === 0 && !behind.refused) return null;
  return (
    <Stack gap="xs">
      {behind.refused ? <Text size="sm">{t('leave.cannotHandOver', { why: behind.refused })}</Text> : null}
      {lines.length > 0 ? <PreviewList lines={lines} nothing="" /> : null}
    </Stack>
  );
}
