import { Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { AccessChoice } from '../../parts/AccessChoice.tsx';
import { ActButton, GiveButton } from '../../parts/ActButton.tsx';
import { useGrantable } from '../../parts/grantable.ts';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { PreviewList } from '../../parts/PreviewList.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { AccessRole } from './AccessRolesPage.tsx';

/** Makes or changes an access role. A change is a change for everybody who has it, and says so. */
export function AccessRoleForm({
  role,
  onClose,
}: {
  role: AccessRole | undefined;
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const { membership } = useSession();
  const own = { id: membership.organizationId, name: membership.organizationName };
  const [organizationId, setOrganizationId] = useState(role?.organizationId ?? own.id);
  const had = (role?.contains ?? []).map((one) => one.entitlementId);
  const [chosen, setChosen] = useState<string[]>(had);
  const create = useChange('access-role.create', (made) => {
    sayDone(t('accessRoles.made', { name: made.name }));
    onClose();
  });
  const update = useChange('access-role.update', (changed) => {
    sayDone(t('accessRoles.saved', { name: changed.name }));
    onClose();
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const fields = {
      name: String(form.get('name')).trim(),
      description: String(form.get('description')).trim(),
      entitlementIds: chosen,
    };
    if (role) update.mutate({ accessRoleId: role.id, ifVersion: role.version, ...fields });
    else create.mutate({ organizationId, ...fields });
  };
  const blocked = chosen.length > 0 ? false : t('accessRoles.chooseFirst');
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          name="name"
          label={t('accessRoles.name')}
          defaultValue={role?.name}
          required
          maxLength={200}
          data-autofocus
        />
        <Textarea
          name="description"
          label={t('newOrganization.description')}
          defaultValue={role?.description}
          autosize
          maxLength={2000}
        />
        {role ? null : (
          <OrganizationPicker
            label={t('accessRoles.organization')}
            description={t('accessRoles.organizationHint')}
            value={organizationId}
            known={own}
            onChange={(id) => setOrganizationId(id ?? own.id)}
          />
        )}
        <AccessChoice
          label={t('accessRoles.contains')}
          organizationId={organizationId}
          value={{ entitlementIds: chosen, accessRoleIds: [] }}
          onChange={({ entitlementIds }) => setChosen(entitlementIds)}
        />
        {role ? <Consequence role={role} chosen={chosen} /> : null}
        <ActProblem problem={create.error ?? update.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          {role ? (
            <ActButton type="submit" blocked={blocked} loading={update.isPending}>
              {t('do.save')}
            </ActButton>
          ) : (
            <GiveButton type="submit" blocked={blocked} loading={create.isPending}>
              {t('accessRoles.do')}
            </GiveButton>
          )}
        </Group>
      </Stack>
    </form>
  );
}

/** Who gains and loses what by this change. */
function Consequence({ role, chosen }: { role: AccessRole; chosen: readonly string[] }): ReactNode {
  const { t } = useTranslation();
  const grantable = useGrantable(role.organizationId);
  const names = new Map(
    role.contains.map((one) => [one.entitlementId, `${one.name} · ${one.applicationName}`]),
  );
  for (const application of grantable.data?.applications ?? [])
    for (const one of application.roles) names.set(one.entitlementId, `${one.name} · ${application.name}`);
  const had = new Set(role.contains.map((one) => one.entitlementId));
  const lines = [
    ...chosen
      .filter((id) => !had.has(id))
      .map((id) => ({
        kind: 'gains' as const,
        text: t('accessRoles.allGain', { what: names.get(id) ?? '' }),
      })),
    ...[...had]
      .filter((id) => !chosen.includes(id))
      .map((id) => ({
        kind: 'loses' as const,
        text: t('accessRoles.allLose', { what: names.get(id) ?? '' }),
      })),
  ];
  if (lines.length === 0) return <Text size="sm">{t('accessRoles.noChange')}</Text>;
  return <PreviewList lines={lines} nothing={t('accessRoles.noChange')} />;
}
