import { Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton, GiveButton } from '../../parts/ActButton.tsx';
import { useGrantable } from '../../parts/grantable.ts';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { TargetDetail } from './TargetPage.tsx';

type Role = TargetDetail['roles'][number];

/** Who has an account there, and in which groups they are. */
export function RolesSection({
  target,
  blocked,
}: {
  target: TargetDetail;
  blocked: false | string;
}): ReactNode {
  const { t } = useTranslation();
  const [entitlementId, setEntitlementId] = useState<string | null>(null);
  const [name, setName] = useState('');
  const grantable = useGrantable(target.organizationId);
  const save = useChange('target.update', () => {
    sayDone(t('targets.saved', { name: target.name }));
  });
  const keep = (roles: readonly Role[]) =>
    roles.map((one) => ({
      name: one.name,
      ...(one.entitlementId ? { entitlementId: one.entitlementId } : {}),
      ...(one.organizationId ? { organizationId: one.organizationId } : {}),
      ...(one.groupId ? { groupId: one.groupId } : {}),
    }));
  const write = (roles: ReturnType<typeof keep>): void =>
    save.mutate({ provisioningTargetId: target.id, roles, ifVersion: target.version });
  return (
    <Section title={t('targets.who')}>
      <Text size="sm">{target.roles.length === 0 ? t('targets.whoNone') : t('targets.whoText')}</Text>
      <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
        {target.roles.map((role) => (
          <Group component="li" key={`${role.label} ${role.name}`} justify="space-between" gap="xs">
            <Text>
              {role.name
                ? t('targets.inGroup', { label: role.label, group: role.name })
                : t('targets.accountOnly', { label: role.label })}
            </Text>
            <ActButton
              size="xs"
              variant="default"
              blocked={blocked}
              aria-label={t('targets.dropOf', { label: role.label })}
              loading={save.isPending}
              onClick={() => write(keep(target.roles.filter((one) => one !== role)))}
            >
              {t('targets.drop')}
            </ActButton>
          </Group>
        ))}
      </Stack>
      <Group align="end" gap="xs">
        <Select
          label={t('targets.role')}
          searchable
          w={{ base: '100%', xs: 280 }}
          value={entitlementId}
          onChange={setEntitlementId}
          data={(grantable.data?.applications ?? []).map((application) => ({
            group: application.name,
            items: application.roles.map((role) => ({
              value: role.entitlementId,
              label: `${application.name}: ${role.name}`,
            })),
          }))}
        />
        {target.can.roles ? (
          <TextInput
            label={t('targets.group')}
            description={t('targets.groupHint')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={100}
          />
        ) : null}
        <GiveButton
          blocked={blocked || (entitlementId ? false : t('targets.chooseRole'))}
          loading={save.isPending}
          onClick={() =>
            entitlementId && write([...keep(target.roles), { entitlementId, name: name.trim() || null }])
          }
        >
          {t('targets.add')}
        </GiveButton>
      </Group>
      <ActProblem problem={save.error} />
    </Section>
  );
}
