import { Alert, Box, List, Text } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Card, CardList } from '../../page/CardList.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { TakeButton } from '../../parts/ActButton.tsx';
import { ConsequenceDialog } from '../../parts/ConsequenceDialog.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { usePermissionWords } from '../delegation/permission-words.ts';
import { CalendarSection } from './CalendarSection.tsx';
import type { Policy } from './draft.ts';
import { conditionWords, hangWords, stepSentences, type Words } from './policy-words.ts';

/** Who approves what people ask for at an organization, and when it works. */
export function PoliciesPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage
      title={t('policy.title')}
      needs={['approval-policy.configure']}
      notAllowed={t('policy.notAllowed')}
    >
      <Policies />
    </AllowedPage>
  );
}

function Policies(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const permissions = usePermissionWords();
  const { membership } = useSession();
  const { organizationId = membership.organizationId } = useSearch({ from: '/shell/policies' });
  const organization = useRead('organization.read', { organizationId });
  const list = useRead('approval-policy.list', { organizationId });
  const [retiring, setRetiring] = useState<Policy>();
  const make = (
    <ButtonLink to="/policies/edit" search={{ organizationId }}>
      {t('policy.make')}
    </ButtonLink>
  );
  const name = organization.data?.name ?? membership.organizationName;
  return (
    <Page title={t('policy.title')} lead={t('policy.lead')} actions={make}>
      <Box maw={420}>
        <OrganizationPicker
          label={t('policy.organization')}
          value={organizationId}
          known={{ id: organizationId, name }}
          onChange={(id) => void navigate({ to: '/policies', search: { organizationId: id ?? undefined } })}
        />
      </Box>
      <Loaded
        query={list}
        notAllowed={t('policy.notAllowed')}
        empty={{
          when: ({ items, above }) => items.length + above === 0,
          title: t('policy.none'),
          text: t('policy.noneText'),
          action: null,
        }}
      >
        {({ items, names, above }) => {
          const words: Words = { t, names, permissions };
          return (
            <>
              <CardList label={t('policy.list')}>
                {items.map((policy) => (
                  <PolicyCard
                    key={policy.id}
                    policy={policy}
                    words={words}
                    onRetire={() => setRetiring(policy)}
                  />
                ))}
              </CardList>
              {above > 0 ? <Text c="dimmed">{t('policy.above', { count: above })}</Text> : null}
            </>
          );
        }}
      </Loaded>
      <CalendarSection key={organizationId} organizationId={organizationId} name={name} />
      {retiring ? <Retire policy={retiring} onClose={() => setRetiring(undefined)} /> : null}
    </Page>
  );
}

function PolicyCard({
  policy,
  words,
  onRetire,
}: {
  policy: Policy;
  words: Words;
  onRetire: () => void;
}): ReactNode {
  const { t } = words;
  const about = conditionWords(words, policy.applies);
  return (
    <Card
      name={policy.name}
      facts={[
        t('policy.standsIn', { organization: policy.organizationName }),
        about.length > 0 ? t('policy.only', { parts: about.join(' · ') }) : t('policy.everything'),
      ]}
      acts={
        <>
          <ButtonLink
            to="/policies/edit"
            search={{ organizationId: policy.organizationId, policyId: policy.id }}
            variant="default"
            size="xs"
            aria-label={t('policy.editOf', { name: policy.name })}
          >
            {t('policy.edit')}
          </ButtonLink>
          <TakeButton
            size="xs"
            blocked={false}
            aria-label={t('policy.retireOf', { name: policy.name })}
            onClick={onRetire}
          >
            {t('policy.retire')}
          </TakeButton>
        </>
      }
    >
      {policy.hangs ? (
        <Alert color="orange" title={t('policy.stepOf', stepOf(policy, policy.hangs.number))}>
          {hangWords(t, policy.hangs)}
        </Alert>
      ) : null}
      {policy.steps.length === 0 ? (
        <Text size="sm">{t('policy.atOnce')}</Text>
      ) : (
        <List type="ordered" size="sm">
          {policy.steps.map((step, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: steps have no other name than their place
            <List.Item key={index}>
              <b>{step.name}: </b>
              {stepSentences(words, step).join(' ')}
            </List.Item>
          ))}
        </List>
      )}
    </Card>
  );
}

const stepOf = ({ steps }: Policy, number: number): { number: number; name: string } => ({
  number,
  name: steps[number - 1]?.name ?? '',
});

function Retire({ policy, onClose }: { policy: Policy; onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const retire = useChange('approval-policy.retire', () => {
    sayDone(t('policy.retired', { name: policy.name }));
    onClose();
  });
  return (
    <ConsequenceDialog
      opened
      onClose={onClose}
      title={t('policy.retireOf', { name: policy.name })}
      confirm={t('policy.retire')}
      busy={retire.isPending}
      problem={retire.error}
      onConfirm={() => retire.mutate({ policyId: policy.id, ifVersion: policy.version })}
      consequence={<Text size="sm">{t('policy.retireText')}</Text>}
    />
  );
}
