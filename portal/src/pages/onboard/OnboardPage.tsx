import { Stack, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useSearch } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { isoDay } from '../../i18n/dates.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Page } from '../../page/Page.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { Fold } from '../../parts/Fold.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { ApplicationsToHandOut } from './ApplicationsToHandOut.tsx';
import { Onboarded } from './Onboarded.tsx';

/** A partner with its first manager: three fields, everything else has a good default. */
export function OnboardPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage
      title={t('onboard.title')}
      needs={['organization.create']}
      notAllowed={t('organizations.mayNotMake')}
    >
      <Onboard />
    </AllowedPage>
  );
}

function Onboard(): ReactNode {
  const { t } = useTranslation();
  const session = useSession();
  const { parentId: asked } = useSearch({ from: '/shell/onboard' });
  const [parentId, setParentId] = useState<string | null>(asked ?? null);
  const [applicationIds, setApplicationIds] = useState<string[]>();
  const [domains, setDomains] = useState<string[]>([]);
  const onboard = useChange('partner.onboard');
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const field = (name: string): string => String(form.get(name) ?? '').trim();
    onboard.mutate({
      name: field('name'),
      managerName: field('managerName'),
      managerEmail: field('managerEmail'),
      parentId: parentId ?? undefined,
      entitlements: applicationIds ? { applicationIds } : undefined,
      domains,
      lastDay: field('until') || undefined,
      message: field('message') || undefined,
    });
  };
  if (onboard.data && onboard.variables)
    return (
      <Onboarded
        organizationId={onboard.data.organizationId}
        partner={onboard.variables.name}
        managerName={onboard.variables.managerName}
        email={onboard.variables.managerEmail}
        onAnother={onboard.reset}
      />
    );
  return (
    <Page title={t('onboard.title')} lead={t('onboard.lead')}>
      <form onSubmit={submit}>
        <Stack maw={560}>
          <TextInput
            name="name"
            label={t('onboard.name')}
            required
            maxLength={200}
            autoFocus
            autoComplete="off"
          />
          <TextInput
            name="managerName"
            label={t('onboard.managerName')}
            required
            maxLength={200}
            autoComplete="off"
          />
          <TextInput
            name="managerEmail"
            type="email"
            label={t('onboard.managerEmail')}
            description={t('onboard.managerEmailHint')}
            required
            autoComplete="off"
          />
          <Fold label={t('onboard.more')}>
            <ApplicationsToHandOut
              organizationId={parentId ?? session.membership.organizationId}
              chosen={applicationIds}
              onChange={setApplicationIds}
            />
            <OrganizationPicker
              label={t('onboard.parent')}
              description={t('onboard.parentHint', { organization: session.membership.organizationName })}
              value={parentId}
              onChange={setParentId}
            />
            <TagsInput
              label={t('organization.domains')}
              description={t('organization.domainsHint')}
              value={domains}
              onChange={setDomains}
              splitChars={[',', ';', ' ']}
            />
            <TextInput
              name="until"
              type="date"
              label={t('appoint.until')}
              description={t('appoint.untilHint')}
              min={isoDay(1)}
            />
            <Textarea name="message" label={t('invite.message')} autosize minRows={2} maxLength={2000} />
          </Fold>
          <ActProblem problem={onboard.error} />
          <GiveButton
            type="submit"
            blocked={false}
            loading={onboard.isPending}
            style={{ alignSelf: 'flex-start' }}
          >
            {t('onboard.do')}
          </GiveButton>
        </Stack>
      </form>
    </Page>
  );
}
