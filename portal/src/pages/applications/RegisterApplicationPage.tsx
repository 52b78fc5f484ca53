import { Checkbox, Stack, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Page } from '../../page/Page.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { Fold } from '../../parts/Fold.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { keyFrom, linesOf } from './key-from.ts';
import { Registered } from './Registered.tsx';
import { firstRole, type NewRole, RolesFields, toRoles } from './RolesFields.tsx';

/** An application with its roles, on one form. */
export function RegisterApplicationPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage
      title={t('applications.register')}
      needs={['application.configure']}
      notAllowed={t('applications.notAllowed')}
    >
      <Register />
    </AllowedPage>
  );
}

function Register(): ReactNode {
  const { t } = useTranslation();
  const { membership } = useSession();
  const own = { id: membership.organizationId, name: membership.organizationName };
  const [name, setName] = useState('');
  const [key, setKey] = useState<string>();
  const [organizationId, setOrganizationId] = useState<string>(own.id);
  const [confidential, setConfidential] = useState(false);
  const [roles, setRoles] = useState<NewRole[]>([firstRole]);
  const register = useChange('application.register');
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const field = (field: string): string => String(form.get(field) ?? '').trim();
    register.mutate({
      organizationId,
      key: key ?? keyFrom(name),
      name: name.trim(),
      description: field('description'),
      homeUrl: field('homeUrl') || undefined,
      redirectUris: linesOf(field('redirectUris')),
      postLogoutRedirectUris: linesOf(field('postLogoutRedirectUris')),
      confidential,
      roles: toRoles(roles),
    });
  };
  if (register.data) return <Registered application={register.data} />;
  return (
    <Page title={t('applications.register')} lead={t('applications.registerLead')}>
      <form onSubmit={submit}>
        <Stack maw={860}>
          <TextInput
            label={t('applications.name')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            required
            maxLength={200}
            autoFocus
          />
          <TextInput
            name="homeUrl"
            type="url"
            label={t('applications.homeUrl')}
            description={t('applications.homeUrlHint')}
          />
          <Textarea
            name="redirectUris"
            label={t('applications.redirectUris')}
            description={t('applications.redirectUrisHint')}
            autosize
            minRows={1}
            spellCheck={false}
          />
          <RolesFields roles={roles} onChange={setRoles} />
          <Fold label={t('applications.more')}>
            <Textarea name="description" label={t('newOrganization.description')} autosize maxLength={2000} />
            <TextInput
              label={t('applications.key')}
              description={t('applications.keyHint')}
              value={key ?? keyFrom(name)}
              onChange={(event) => setKey(event.currentTarget.value)}
              maxLength={64}
            />
            <OrganizationPicker
              label={t('applications.organization')}
              description={t('applications.organizationHint')}
              value={organizationId}
              known={own}
              onChange={(id) => setOrganizationId(id ?? own.id)}
            />
            <Textarea
              name="postLogoutRedirectUris"
              label={t('applications.postLogoutRedirectUris')}
              description={t('applications.redirectUrisHint')}
              autosize
              spellCheck={false}
            />
            <Checkbox
              label={t('applications.confidential')}
              description={t('applications.confidentialHint')}
              checked={confidential}
              onChange={(event) => setConfidential(event.currentTarget.checked)}
            />
          </Fold>
          <ActProblem problem={register.error} />
          <GiveButton
            type="submit"
            blocked={false}
            loading={register.isPending}
            style={{ alignSelf: 'flex-start' }}
          >
            {t('applications.doRegister')}
          </GiveButton>
        </Stack>
      </form>
    </Page>
  );
}
