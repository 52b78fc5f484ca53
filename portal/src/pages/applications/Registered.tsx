import { Alert, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../api/types.ts';
import { Page } from '../../page/Page.tsx';
import { CopyField } from '../../parts/CopyField.tsx';
import { ButtonLink } from '../../parts/links.tsx';

/** What the application's makers need now; a secret is shown this once. */
export function Registered({ application }: { application: Output<'application.register'> }): ReactNode {
  const { t } = useTranslation();
  return (
    <Page
      title={t('applications.registered', { name: application.name })}
      lead={t('applications.registeredLead')}
    >
      <Stack maw={640}>
        <CopyField label={t('applications.clientId')} value={application.clientId} />
        {application.clientSecret ? (
          <>
            <CopyField label={t('applications.clientSecret')} value={application.clientSecret} />
            <Alert color="yellow" variant="outline" c="inherit" title={t('keys.once')}>
              <Text size="sm">{t('keys.onceText')}</Text>
            </Alert>
          </>
        ) : null}
        <CopyField
          label={t('applications.issuer')}
          value={`${location.origin}/oidc`}
          description={t('applications.issuerHint')}
        />
        <Group>
          <ButtonLink to="/applications/$applicationId" params={{ applicationId: application.id }}>
            {t('onboard.open', { partner: application.name })}
          </ButtonLink>
          <ButtonLink to="/access-roles" variant="default">
            {t('applications.bundle')}
          </ButtonLink>
        </Group>
      </Stack>
    </Page>
  );
}
