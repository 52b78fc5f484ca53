import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { Application } from './application.ts';
import { linesOf } from './key-from.ts';

export function EditApplicationForm({
  application,
  onClose,
}: {
  application: Application;
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const [seen] = useState(application);
  const update = useChange('application.update', () => {
    sayDone(t('applications.saved'));
    onClose();
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const field = (name: string): string => String(form.get(name) ?? '').trim();
    update.mutate({
      applicationId: seen.id,
      ifVersion: seen.version,
      name: field('name'),
      description: field('description'),
      homeUrl: field('homeUrl') || null,
      redirectUris: linesOf(field('redirectUris')),
      postLogoutRedirectUris: linesOf(field('postLogoutRedirectUris')),
    });
  };
  return (
    <form onSubmit={submit} aria-label={t('applications.edit')}>
      <Stack maw={640}>
        <TextInput
          name="name"
          label={t('applications.name')}
          defaultValue={seen.name}
          required
          maxLength={200}
        />
        <Textarea
          name="description"
          label={t('newOrganization.description')}
          defaultValue={seen.description}
          autosize
          maxLength={2000}
        />
        <TextInput
          name="homeUrl"
          type="url"
          label={t('applications.homeUrl')}
          description={t('applications.homeUrlHint')}
          defaultValue={seen.homeUrl ?? ''}
        />
        <Textarea
          name="redirectUris"
          label={t('applications.redirectUris')}
          description={t('applications.redirectUrisHint')}
          defaultValue={seen.redirectUris.join('\n')}
          autosize
          spellCheck={false}
        />
        <Textarea
          name="postLogoutRedirectUris"
          label={t('applications.postLogoutRedirectUris')}
          description={t('applications.redirectUrisHint')}
          defaultValue={seen.postLogoutRedirectUris.join('\n')}
          autosize
          spellCheck={false}
        />
        <ActProblem problem={update.error} />
        <Group>
          <ActButton type="submit" blocked={false} loading={update.isPending}>
            {t('do.save')}
          </ActButton>
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
