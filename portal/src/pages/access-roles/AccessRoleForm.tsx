import { Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { AccessChoice } from '../../parts/AccessChoice.tsx';
import { ActButton, GiveButton } from '../../parts/ActButton.tsx';
import { ChangePreview, usePreviewedChange } from '../../parts/ChangePreview.tsx';
import { useGrantable } from '../../parts/grantable.ts';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { PreviewList } from '../../parts/PreviewList.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { AccessRole } from './access-role.ts';

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
  const [name, setName] = useState(role?.name ?? '');
  const [description, setDescription] = useState(role?.description ?? '');
  const fields = { name: name.trim(), description: description.trim(), entitlementIds: chosen };
  const complete = chosen.length > 0 && fields.name !== '';
  const update = usePreviewedChange(
    'access-role.update',
    role && complete ? { accessRoleId: role.id, ...fields } : undefined,
    (changed) => {
      sayDone(t('accessRoles.saved', { name: changed.name }));
      onClose();
    },
  );
  const blocked =
    chosen.length === 0 ? t('accessRoles.chooseFirst') : role && complete ? update.blocked : false;
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (blocked !== false) return;
    if (role) update.save(role.version);
    else create.mutate({ organizationId, ...fields });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          name="name"
          label={t('accessRoles.name')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
          maxLength={200}
          data-autofocus
        />
        <Textarea
          name="description"
          label={t('newOrganization.description')}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
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
        {role && complete ? <ChangePreview query={update.preview} refusal={update.refusal} /> : null}
        <ActProblem problem={create.error ?? update.problem} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          {role ? (
            <ActButton type="submit" blocked={blocked} loading={update.busy}>
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
