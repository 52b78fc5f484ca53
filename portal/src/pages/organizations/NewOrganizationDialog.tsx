import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';

type Props = {
  opened: boolean;
  onClose: () => void;
  /** below this one; undefined: the reader chooses */
  parent: { id: string; name: string } | undefined;
};

/** Makes an organization below another and goes there. */
export function NewOrganizationDialog({ opened, onClose, parent }: Props): ReactNode {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={parent ? t('newOrganization.below', { parent: parent.name }) : t('newOrganization.title')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <NewOrganizationForm parent={parent} onClose={onClose} />
    </Modal>
  );
}

function NewOrganizationForm({ parent, onClose }: Omit<Props, 'opened'>): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  // Most people look after one organization, their own: it is chosen until they choose another.
  const { membership } = useSession();
  const own = { id: membership.organizationId, name: membership.organizationName };
  const [parentId, setParentId] = useState<string | null>(parent?.id ?? own.id);
  const create = useChange('organization.create', (made) => {
    onClose();
    sayDone(t('newOrganization.done', { name: made.name }));
    void navigate({ to: '/organizations/$organizationId', params: { organizationId: made.id }, search: {} });
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    if (!parentId) return;
    create.mutate({
      parentId,
      name: String(form.get('name')),
      description: String(form.get('description')).trim() || undefined,
    });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {parent ? null : (
          <OrganizationPicker
            label={t('newOrganization.parent')}
            value={parentId}
            known={own}
            onChange={setParentId}
            required
          />
        )}
        <TextInput name="name" label={t('newOrganization.name')} required maxLength={200} data-autofocus />
        <Textarea
          name="description"
          label={t('newOrganization.description')}
          autosize
          minRows={2}
          maxLength={2000}
        />
        <ActProblem problem={create.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <GiveButton
            type="submit"
            loading={create.isPending}
            blocked={parentId ? false : t('newOrganization.chooseParent')}
          >
            {t('newOrganization.do')}
          </GiveButton>
        </Group>
      </Stack>
    </form>
  );
}
