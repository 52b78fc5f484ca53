import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { PeopleGroup } from './people-group.ts';

/** Makes a group, or renames one. */
export function GroupForm({
  group,
  onClose,
}: {
  group: PeopleGroup | undefined;
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const { membership } = useSession();
  const own = { id: membership.organizationId, name: membership.organizationName };
  const [organizationId, setOrganizationId] = useState(own.id);
  const [name, setName] = useState(group?.name ?? '');
  const [description, setDescription] = useState(group?.description ?? '');
  const create = useChange('group.create', (made) => {
    sayDone(t('groups.made', { name: made.name }));
    onClose();
  });
  const update = useChange('group.update', (changed) => {
    sayDone(t('groups.saved', { name: changed.name }));
    onClose();
  });
  const fields = { name: name.trim(), description: description.trim() };
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (group) update.mutate({ groupId: group.id, ...fields, ifVersion: group.version });
    else create.mutate({ organizationId, ...fields });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          name="name"
          label={t('groups.name')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
          maxLength={100}
          data-autofocus
        />
        <Textarea
          name="description"
          label={t('groups.description')}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          autosize
          maxLength={2000}
        />
        {group ? null : (
          <OrganizationPicker
            label={t('groups.organization')}
            description={t('groups.organizationHint')}
            value={organizationId}
            known={own}
            required
            onChange={(id) => setOrganizationId(id ?? own.id)}
          />
        )}
        <ActProblem problem={create.error ?? update.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <ActButton type="submit" blocked={false} loading={create.isPending || update.isPending}>
            {t('do.save')}
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
