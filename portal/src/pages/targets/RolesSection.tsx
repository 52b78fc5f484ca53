import { Group, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton, GiveButton } from '../../parts/ActButton.tsx';
import { useGrantable } from '../../parts/grantable.ts';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { useSave } from './save-target.ts';
import type { TargetDetail } from './target.ts';

type Role = TargetDetail['roles'][number];
type Written = { name: string | null; entitlementId?: string; organizationId?: string; groupId?: string };
const kinds = ['entitlementId', 'organizationId', 'groupId'] as const;
type Kind = (typeof kinds)[number];

/** Who has an account there, and in which groups they are. */
export function RolesSection({
  target,
  blocked,
}: {
  target: TargetDetail;
  blocked: false | string;
}): ReactNode {
  const { t } = useTranslation();
  const { save, busy, problem } = useSave({ target, onClose: () => {} });
  const keep = (roles: readonly Role[]): Written[] =>
    roles.map((one) => ({
      name: one.name,
      ...(one.entitlementId ? { entitlementId: one.entitlementId } : {}),
      ...(one.organizationId ? { organizationId: one.organizationId } : {}),
      ...(one.groupId ? { groupId: one.groupId } : {}),
    }));
  const said = (role: Role): string => {
    const label = role.label ?? t('targets.unseenRole');
    if (!role.entitlementId)
      return t('targets.onlyGroup', { label, group: role.name ?? t('targets.noGroup') });
    return role.name
      ? t('targets.inGroup', { label, group: role.name })
      : t('targets.accountOnly', { label });
  };
  return (
    <Section title={t('targets.who')}>
      <Text size="sm">
        {target.roles.some(({ entitlementId }) => entitlementId)
          ? t('targets.whoText')
          : t('targets.whoNone')}
      </Text>
      <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
        {target.roles.map((role) => (
          <Group
            component="li"
            key={`${role.entitlementId ?? role.organizationId ?? role.groupId} ${role.name}`}
            justify="space-between"
            gap="xs"
          >
            <Stack gap={0} style={{ flex: 1, minWidth: 180 }}>
              <Text>{said(role)}</Text>
              {role.stopped ? <Text size="sm">{t('targets.stopped')}</Text> : null}
            </Stack>
            <ActButton
              size="xs"
              variant="default"
              blocked={blocked}
              aria-label={t('targets.dropOf', { label: said(role) })}
              loading={busy}
              onClick={() => save({ roles: keep(target.roles.filter((one) => one !== role)) })}
            >
              {t('targets.drop')}
            </ActButton>
          </Group>
        ))}
      </Stack>
      <AddRole
        key={target.version}
        target={target}
        blocked={blocked}
        busy={busy}
        onAdd={(role) => save({ roles: [...keep(target.roles), role] })}
      />
      <ActProblem problem={problem} />
    </Section>
  );
}

function AddRole({
  target,
  blocked,
  busy,
  onAdd,
}: {
  target: TargetDetail;
  blocked: false | string;
  busy: boolean;
  onAdd: (role: Written) => void;
}): ReactNode {
  const { t } = useTranslation();
  const [kind, setKind] = useState<Kind>('entitlementId');
  const [id, setId] = useState<string | null>(null);
  const [name, setName] = useState('');
  const grantable = useGrantable(target.organizationId);
  const groups = useRead(
    'group.list',
    { organizationId: target.organizationId, limit: 200 },
    { enabled: kind === 'groupId' },
  );
  const wide = { w: { base: '100%', xs: 280 } };
  const missing =
    id === null
      ? t(`targets.choose.${kind}`)
      : kind !== 'entitlementId' && name.trim() === ''
        ? t('targets.nameGroup')
        : false;
  return (
    <Stack gap="xs">
      {target.can.roles ? (
        <SegmentedControl
          aria-label={t('targets.by')}
          style={{ flexWrap: 'wrap' }}
          value={kind}
          onChange={(one) => {
            setKind(kinds.find((other) => other === one) ?? 'entitlementId');
            setId(null);
          }}
          data={kinds.map((one) => ({ value: one, label: t(`targets.byKind.${one}`) }))}
        />
      ) : null}
      <Text size="sm">{t(`targets.byText.${kind}`)}</Text>
      <Group align="end" gap="xs">
        {kind === 'entitlementId' ? (
          <Select
            label={t('targets.role')}
            searchable
            {...wide}
            value={id}
            onChange={setId}
            data={(grantable.data?.applications ?? []).map((application) => ({
              group: application.name,
              items: application.roles.map((role) => ({
                value: role.entitlementId,
                label: `${application.name}: ${role.name}`,
              })),
            }))}
          />
        ) : kind === 'organizationId' ? (
          <OrganizationPicker label={t('targets.organization')} value={id} onChange={(one) => setId(one)} />
        ) : (
          <Select
            label={t('targets.peopleGroup')}
            searchable
            {...wide}
            value={id}
            onChange={setId}
            nothingFoundMessage={t('targets.noPeopleGroup')}
            data={(groups.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
          />
        )}
        {target.can.roles ? (
          <TextInput
            label={t('targets.group')}
            description={kind === 'entitlementId' ? t('targets.groupHint') : undefined}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={100}
          />
        ) : null}
        <GiveButton
          blocked={blocked || missing}
          loading={busy}
          onClick={() => id && onAdd({ [kind]: id, name: name.trim() || null })}
        >
          {t('targets.add')}
        </GiveButton>
      </Group>
    </Stack>
  );
}
