import { SegmentedControl, Stack } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { useMay, useSession } from '../../api/session.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Page } from '../../page/Page.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { EnrolForm } from './EnrolForm.tsx';
import { InviteManyForm } from './InviteManyForm.tsx';
import { InviteOneForm } from './InviteOneForm.tsx';

const ways = { one: InviteOneForm, many: InviteManyForm, enrol: EnrolForm } as const;

/** One person, many by pasting, or somebody who has no e-mail. */
export function InvitePage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage
      title={t('invite.title')}
      needs={['user.invite', 'user.enrol']}
      notAllowed={t('invitations.mayNot')}
    >
      <Invite />
    </AllowedPage>
  );
}

function Invite(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const may = useMay();
  const { membership } = useSession();
  const { organizationId: asked, way = 'one' } = useSearch({ from: '/shell/invitations/new' });
  const own = { id: membership.organizationId, name: membership.organizationName };
  const organizationId = asked ?? own.id;
  const known = useRead('organization.read', { organizationId }, { enabled: asked !== undefined });
  const [chosen, setChosen] = useState<{ id: string; name: string }>();
  const organization = chosen?.id === organizationId ? chosen : organizationId === own.id ? own : known.data;
  const go = (search: {
    organizationId?: string | undefined;
    way?: 'one' | 'many' | 'enrol' | undefined;
  }): void => {
    void navigate({ to: '/invitations/new', search, replace: true });
  };
  const Form = ways[way];
  return (
    <Page title={t('invite.title')} lead={t(`invite.lead.${way}`)}>
      <Stack maw={720}>
        <SegmentedControl
          fullWidth
          value={way}
          aria-label={t('invite.way')}
          onChange={(to) =>
            go({ organizationId: asked, way: to === 'one' ? undefined : (to as 'many' | 'enrol') })
          }
          data={[
            { value: 'one', label: t('invite.one') },
            { value: 'many', label: t('invite.many') },
            ...(may('user.enrol') ? [{ value: 'enrol', label: t('invite.enrol') }] : []),
          ]}
        />
        <OrganizationPicker
          label={t('invite.to')}
          value={organizationId}
          known={organization}
          onChange={(id, picked) => {
            setChosen(picked);
            go({ organizationId: id ?? undefined, way: way === 'one' ? undefined : way });
          }}
        />
        <Form
          key={`${way} ${organizationId}`}
          organizationId={organizationId}
          organizationName={organization?.name ?? ''}
        />
      </Stack>
    </Page>
  );
}
