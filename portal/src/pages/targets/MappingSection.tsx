import { Group, Select, Stack, Table, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton, GiveButton } from '../../parts/ActButton.tsx';
import { PersonPicker } from '../../parts/PersonPicker.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { TargetDetail } from './TargetPage.tsx';

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
type KnownField = (typeof known)[number];
const ways = ['plain', 'lower', 'upper', 'ascii', 'initial', 'login'] as const;
type Way = (typeof ways)[number];
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
  const save = useChange('target.update', () => sayDone(t('targets.saved', { name: target.name })));
  const fields = useRead('attribute.list', { organizationId: target.organizationId });
  const sources = [
    ...known.map((one) => ({ value: one as string, label: t(`targets.source.${one}`) })),
    ...(fields.data?.items ?? []).map(({ key, label }) => ({ value: `attribute.${key}`, label })),
  ];
  const set = (to: string, field: string | null, way: Way): void =>
    setRows([
      ...rows.filter((row) => row.to !== to),
      ...(field ? [{ to, pieces: [{ field, how: way === 'plain' ? [] : [way] }] }] : []),
    ]);
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
      <Table.ScrollContainer minWidth={560}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('targets.value')}</Table.Th>
              <Table.Th>{t('targets.from')}</Table.Th>
              <Table.Th>{t('targets.how')}</Table.Th>
              <Table.Th>{t('targets.becomes')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {target.values.map(({ key, label, required }) => {
              const row = rows.find((one) => one.to === key);
              const piece = row?.pieces.length === 1 ? row.pieces[0] : undefined;
              const simple = piece && 'field' in piece && (piece.how ?? []).length <= 1 ? piece : undefined;
              const way = ways.find((one) => one === simple?.how?.[0]) ?? 'plain';
              const shown = example.data?.values.find((one) => one.to === key);
              return (
                <Table.Tr key={key}>
                  <Table.Td>{required ? t('targets.needed', { label }) : label}</Table.Td>
                  <Table.Td>
                    <Select
                      aria-label={t('targets.fromOf', { label })}
                      searchable
                      clearable
                      clearButtonProps={{ 'aria-label': t('picker.clear') }}
                      disabled={blocked !== false}
                      placeholder={row && !simple ? t('targets.composed') : t('targets.nothing')}
                      value={simple?.field ?? null}
                      data={sources}
                      onChange={(one) => set(key, one, way)}
                    />
                  </Table.Td>
                  <Table.Td>
                    <Select
                      aria-label={t('targets.howOf', { label })}
                      allowDeselect={false}
                      disabled={blocked !== false || !simple}
                      value={way}
                      data={ways.map((one) => ({ value: one, label: t(`targets.way.${one}`) }))}
                      onChange={(one) =>
                        simple && set(key, simple.field, ways.find((two) => two === one) ?? 'plain')
                      }
                    />
                  </Table.Td>
                  <Table.Td>
                    <Example value={shown?.value ?? null} problem={shown?.problem ?? null} />
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <ActProblem problem={save.error} />
      <Group gap="xs">
        <GiveButton
          blocked={blocked}
          loading={save.isPending}
          onClick={() =>
            save.mutate({ provisioningTargetId: target.id, mapping: toSend(rows), ifVersion: target.version })
          }
        >
          {t('do.save')}
        </GiveButton>
        <ActButton variant="default" blocked={blocked} onClick={() => setRows(suggested(target))}>
          {t('targets.suggest')}
        </ActButton>
      </Group>
    </Section>
  );
}

const toSend = (rows: readonly Row[]) =>
  rows.map(({ to, pieces, once }) => ({
    to,
    pieces: pieces.map((piece) => ('text' in piece ? piece : { field: piece.field, how: piece.how ?? [] })),
    once: once ?? false,
  }));

/** What most systems call it, and what stands there then. */
const usual: Record<string, KnownField> = {
  uid: 'email',
  cn: 'displayName',
  sn: 'familyName',
  givenName: 'givenName',
  familyName: 'familyName',
  mail: 'email',
  email: 'email',
  displayName: 'displayName',
  userName: 'email',
  title: 'title',
  o: 'organizationName',
  organization: 'organizationName',
  name: 'displayName',
  department: 'organizationName',
  sAMAccountName: 'userName',
  userPrincipalName: 'email',
};

const suggested = (target: TargetDetail): Row[] => [
  ...target.mapping,
  ...target.values.flatMap(({ key }) =>
    usual[key] && !target.mapping.some(({ to }) => to === key)
      ? [{ to: key, pieces: [{ field: usual[key], how: [] }] }]
      : [],
  ),
];

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
      <Text style={{ overflowWrap: 'anywhere' }}>{text ?? t('targets.nothing')}</Text>
      {problem ? (
        <Text size="sm" fw={600}>
          {problem}
        </Text>
      ) : null}
    </Stack>
  );
}
