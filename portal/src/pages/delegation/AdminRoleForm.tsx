import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Permission } from '../../../../src/authority/permissions.ts';
import { useChange } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { ChangePreview, usePreviewedChange } from '../../parts/ChangePreview.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { AdminRole } from './admin-role.ts';
import { PermissionChoice } from './PermissionChoice.tsx';

/** A named set of acts, chosen in words. Changing one is a grant to everybody who has it, so that is shown first. */
export function AdminRoleForm({
  role,
  onClose,
}: {
  role: AdminRole | undefined;
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const { membership } = useSession();
  const own = { id: membership.organizationId, name: membership.organizationName };
  const [place, setPlace] = useState<{ id: string; name: string } | undefined>(own);
  const [name, setName] = useState(role?.name ?? '');
  const [description, setDescription] = useState(role?.description ?? '');
  const [permissions, setPermissions] = useState((role?.permissions ?? []) as Permission[]);
  const done = (made: { name: string }): void => {
    sayDone(t('adminRoles.saved', { name: made.name }));
    onClose();
  };
  const create = useChange('admin-role.create', done);
  const complete = name.trim() !== '' && permissions.length > 0 && (role || place);
  const changed = role
    ? { adminRoleId: role.id, name: name.trim(), description: description.trim(), permissions }
    : undefined;
  const update = usePreviewedChange('admin-role.update', complete ? changed : undefined, done);
  const blocked = !complete ? t('adminRoles.incomplete') : role ? update.blocked : false;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (blocked !== false) return;
    if (role) update.save(role.version);
    else if (place)
      create.mutate({
        organizationId: place.id,
        name: name.trim(),
        description: description.trim(),
        permissions,
      });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {role ? null : (
          <OrganizationPicker
            label={t('adminRoles.place')}
            description={t('adminRoles.placeHint')}
            required
            value={place?.id ?? null}
            known={place}
            onChange={(_, organization) => setPlace(organization)}
          />
        )}
        <TextInput
          label={t('adminRoles.name')}
          required
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          label={t('adminRoles.description')}
          autosize
          maxLength={500}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <PermissionChoice label={t('delegate.acts')} value={permissions} onChange={setPermissions} />
        {role && complete ? <ChangePreview query={update.preview} refusal={update.refusal} /> : null}
        <ActProblem problem={create.error ?? update.problem} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <GiveButton type="submit" blocked={blocked} loading={create.isPending || update.busy}>
            {t('do.save')}
          </GiveButton>
        </Group>
      </Stack>
    </form>
  );
}
