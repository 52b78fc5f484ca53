import { Group, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton, GiveButton } from '../../parts/ActButton.tsx';
import { useGrantable } from '../../parts/grantable.ts';
import { usePasswordAgain, useSave } from './save-source.tsx';
import type { SourceDetail } from './source.ts';

type Kind = 'accessRoleId' | 'groupId';

/** What being in a group of the directory gives here. */
export function GivesSection({ source }: { source: SourceDetail }): ReactNode {
  const { t } = useTranslation();
  const { gives, organizationId } = source;
  const { save, busy, problem } = useSave({ source, onClose: () => {} });
  const again = usePasswordAgain(source);
  const [kind, setKind] = useState<Kind>('accessRoleId');
  const [id, setId] = useState<string | null>(null);
  const [group, setGroup] = useState('');
  const grantable = useGrantable(organizationId, { everybody: true });
  const groups = useRead('group.list', { organizationId, limit: 200 });
  const roles = (grantable.data?.accessRoles ?? []).map((one) => ({
    value: one.accessRoleId,
    label: one.name,
  }));
  const here = (groups.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }));
  const labelOf = (one: (typeof gives)[number]): string =>
    [...roles, ...here].find(({ value }) => value === (one.accessRoleId ?? one.groupId))?.label ??
    t('targets.unseenRole');
  const said = (one: (typeof gives)[number]): string =>
    one.accessRoleId
      ? t('sources.givesRole', { group: one.group, label: labelOf(one) })
      : t('sources.givesGroup', { group: one.group, label: labelOf(one) });
  return (
    <Section title={t('sources.gives')}>
      <Text size="sm">{t('sources.givesText')}</Text>
      {gives.length > 0 ? (
        <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
          {gives.map((one) => (
            <Group component="li" key={said(one)} justify="space-between" gap="xs">
              <Text style={{ flex: 1, minWidth: 180, overflowWrap: 'anywhere' }}>{said(one)}</Text>
              <ActButton
                size="xs"
                variant="default"
                blocked={false}
                loading={busy}
                aria-label={t('targets.dropOf', { label: said(one) })}
                onClick={() => save({ gives: gives.filter((other) => other !== one), ...again.said })}
              >
                {t('targets.drop')}
              </ActButton>
            </Group>
          ))}
        </Stack>
      ) : null}
      <SegmentedControl
        aria-label={t('sources.givesWhat')}
        style={{ flexWrap: 'wrap', alignSelf: 'start' }}
        value={kind}
        onChange={(one) => {
          setKind(one === 'groupId' ? 'groupId' : 'accessRoleId');
          setId(null);
        }}
        data={[
          { value: 'accessRoleId', label: t('sources.anAccessRole') },
          { value: 'groupId', label: t('sources.aGroup') },
        ]}
      />
      <Group align="end" gap="xs">
        <TextInput
          label={t('sources.groupThere')}
          w={{ base: '100%', xs: 280 }}
          maxLength={1000}
          autoComplete="off"
          value={group}
          onChange={(event) => setGroup(event.currentTarget.value)}
        />
        <Select
          label={kind === 'groupId' ? t('sources.groupHere') : t('sources.accessRole')}
          w={{ base: '100%', xs: 280 }}
          searchable
          value={id}
          onChange={setId}
          nothingFoundMessage={t('sources.nothingToGive')}
          data={kind === 'groupId' ? here : roles}
        />
        <GiveButton
          blocked={id === null || group.trim() === '' ? t('sources.givesFirst') : false}
          loading={busy}
          onClick={() =>
            id && save({ gives: [...gives, { group: group.trim(), [kind]: id }], ...again.said })
          }
        >
          {t('targets.add')}
        </GiveButton>
      </Group>
      {again.field}
      <ActProblem problem={problem} />
    </Section>
  );
}
