import { Badge, Group, Stack, Text, Title } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { ActButton, TakeButton } from '../../parts/ActButton.tsx';
import { CopyField } from '../../parts/CopyField.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { TextLink } from '../../parts/links.tsx';
import { PreviewedDialog } from '../../parts/PreviewedDialog.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { Application } from './application.ts';
import { EditApplicationForm } from './EditApplicationForm.tsx';
import { RolesOfApplication } from './RolesOfApplication.tsx';

export function ApplicationPage(): ReactNode {
  const { t } = useTranslation();
  const { applicationId } = useParams({ from: '/shell/applications/$applicationId' });
  const query = useRead('application.read', { applicationId });
  if (query.data) return <ApplicationView application={query.data} />;
  return (
    <Page title={t('applications.one')}>
      <Loaded query={query} notAllowed={t('applications.notAllowed')} empty="never">
        {() => null}
      </Loaded>
    </Page>
  );
}

function ApplicationView({ application }: { application: Application }): ReactNode {
  const { t } = useTranslation();
  const may = useMay();
  const [editing, setEditing] = useState(false);
  const [retiring, setRetiring] = useState(false);
  const blocked =
    application.state === 'retired'
      ? t('applications.isRetired')
      : may('application.configure')
        ? false
        : t('applications.mayNot');
  const why = application.state !== 'retired' && {
    permission: 'application.configure' as const,
    organizationId: application.organizationId,
  };
  return (
    <Page
      title={application.name}
      lead={application.description || undefined}
      above={
        <Group gap="xs" mb={4}>
          <TextLink to="/applications" size="sm">
            {t('applications.title')}
          </TextLink>
          {application.state === 'retired' ? (
            <Badge color="gray.7">{t('applications.states.retired')}</Badge>
          ) : null}
        </Group>
      }
      actions={
        editing ? null : (
          <ActButton variant="default" blocked={blocked} why={why} onClick={() => setEditing(true)}>
            {t('applications.edit')}
          </ActButton>
        )
      }
    >
      {editing ? (
        <EditApplicationForm application={application} onClose={() => setEditing(false)} />
      ) : (
        <>
          <Facts
            label={t('applications.details')}
            facts={[
              [t('applications.organization'), application.organizationName],
              [t('applications.key'), application.key],
              [t('applications.homeUrl'), application.homeUrl ?? '–'],
              [t('applications.redirectUris'), <Lines key="redirect" lines={application.redirectUris} />],
              [
                t('applications.postLogoutRedirectUris'),
                <Lines key="logout" lines={application.postLogoutRedirectUris} />,
              ],
              [
                t('applications.kind'),
                application.confidential ? t('applications.isConfidential') : t('applications.isPublic'),
              ],
            ]}
          />
          <Stack maw={560}>
            <CopyField label={t('applications.clientId')} value={application.clientId} />
          </Stack>
        </>
      )}
      <Stack component="section" aria-label={t('applications.roles')}>
        <Title order={2}>{t('applications.roles')}</Title>
        <RolesOfApplication application={application} blocked={blocked} />
      </Stack>
      <Group>
        <TakeButton blocked={blocked} why={why} onClick={() => setRetiring(true)}>
          {t('applications.retire')}
        </TakeButton>
      </Group>
      <PreviewedDialog
        opened={retiring}
        onClose={() => setRetiring(false)}
        operation="application.retire"
        input={{ applicationId: application.id }}
        ifVersion={application.version}
        title={t('applications.retireTitle', { name: application.name })}
        text={<Text size="sm">{t('applications.retireText', { name: application.name })}</Text>}
        confirm={t('applications.retire')}
        onDone={() => sayDone(t('applications.retiredNow', { name: application.name }))}
      />
    </Page>
  );
}

function Lines({ lines }: { lines: readonly string[] }): ReactNode {
  return lines.length === 0 ? '–' : lines.map((line) => <div key={line}>{line}</div>);
}
