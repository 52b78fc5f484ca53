import { Alert, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { Card, CardList } from '../../page/CardList.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton, GiveButton } from '../../parts/ActButton.tsx';
import { PersonPicker } from '../../parts/PersonPicker.tsx';
import { Pieces } from './Pieces.tsx';
import { useSave } from './save-target.ts';
import type { TargetDetail } from './target.ts';
import { withUsual } from './usual.ts';

const known = [
  'displayName',
  'givenName',
  'familyName',
  'email',
  'userName',
  'title',
  'organizationName',
  'lineManagerName',
  'language',
  'userId',
  'firstDay',
  'lastDay',
] as const;
type Row = TargetDetail['mapping'][number];

/** What of a person goes into which value of their account, with somebody as an example beside it. */
export function MappingSection({
  target,
  blocked,
}: {
  target: TargetDetail;
  blocked: false | string;
}): ReactNode {
  const { t } = useTranslation();
  const { membership } = useSession();
  const [rows, setRows] = useState<Row[]>(target.mapping);
  const [membershipId, setMembershipId] = useState<string>(membership.id);
  const example = useRead(
    'mapping.try',
    { membershipId, connector: target.connector, settings: target.settings, mapping: toSend(rows) },
    { keepPrevious: true },
  );
  const { save, busy, problem } = useSave({ target, onClose: () => {} });
  const fields = useRead('attribute.list', { organizationId: target.organizationId });
  const sources = [
    ...known.map((one) => ({ value: one as string, label: t(`targets.source.${one}`) })),
    ...(fields.data?.items ?? []).map(({ key, label }) => ({ value: `attribute.${key}`, label })),
  ];
  const set = (to: string, row: Omit<Row, 'to'> | undefined): void =>
    setRows([...rows.filter((one) => one.to !== to), ...(row ? [{ to, ...row }] : [])]);
  const changed = JSON.stringify(toSend(rows)) !== JSON.stringify(toSend(target.mapping));
  return (
    <Section title={t('targets.sent')}>
      <Text size="sm">{t('targets.sentText')}</Text>
      <PersonPicker
        label={t('targets.example')}
        value={membershipId}
        known={{ membershipId: membership.id, displayName: t('targets.yourself') }}
        onChange={(id) => id && setMembershipId(id)}
        required
      />
      <Group gap="xs">
        <ActButton
          variant="default"
          blocked={blocked}
          onClick={() => setRows(withUsual(rows, target.values, fields.data?.items ?? []))}
        >
          {t('targets.suggest')}
        </ActButton>
        <GiveButton blocked={blocked} loading={busy} onClick={() => save({ mapping: toSend(rows) })}>
          {t('do.save')}
        </GiveButton>
      </Group>
      {changed ? (
        <Alert variant="outline" color="gray" c="inherit" p="xs">
          {t('targets.unsaved')}
        </Alert>
      ) : null}
      <ActProblem problem={problem} />
      <CardList label={t('targets.sent')} gap="xs">
        {target.values.map(({ key, label, required, help }) => {
          const shown = example.data?.values.find((one) => one.to === key);
          return (
            <Card
              key={key}
              name={label}
              title={
                <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
                  {required ? t('targets.needed', { label }) : label}
                </Text>
              }
              facts={[help]}
            >
              <Pieces
                label={label}
                row={rows.find((one) => one.to === key)}
                sources={sources}
                blocked={blocked}
                onChange={(row) => set(key, row)}
              />
              <Example value={shown?.value ?? null} problem={shown?.problem ?? null} />
            </Card>
          );
        })}
      </CardList>
    </Section>
  );
}

const toSend = (rows: readonly Row[]) =>
  rows
    .map(({ to, pieces, once }) => ({
      to,
      pieces: pieces
        .filter((piece) => !('text' in piece) || piece.text !== '')
        .map((piece) => ('text' in piece ? piece : { field: piece.field, how: piece.how ?? [] })),
      once: once ?? false,
    }))
    .filter(({ pieces }) => pieces.length > 0);

function Example({
  value,
  problem,
}: {
  value: string | string[] | boolean | null;
  problem: string | null;
}): ReactNode {
  const { t } = useTranslation();
  const text = Array.isArray(value)
    ? value.join(', ')
    : typeof value === 'boolean'
      ? t(value ? 'targets.yes' : 'targets.no')
      : value;
  return (
    <Stack gap={0}>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {t('targets.becomesText', { value: text ?? t('targets.nothing') })}
      </Text>
      {problem ? (
        <Text size="sm" fw={600}>
          {problem}
        </Text>
      ) : null}
    </Stack>
  );
}
