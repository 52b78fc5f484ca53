import { Box, Button, Group, List, Radio, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, lazy, type ReactNode, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '../../api/problem.ts';
import { useChange, useRead } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import { ButtonLink, TextLink } from '../../parts/links.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { usePermissionWords } from '../delegation/permission-words.ts';
import { ConditionsField } from './ConditionsField.tsx';
import {
  type Draft,
  type DraftStep,
  draftOf,
  fieldsOf,
  missingIn,
  moved,
  newStep,
  type Policy,
} from './draft.ts';
import { conditionWords, type Hang, hangWords, stepSentences, type Words } from './policy-words.ts';
import { StepCard } from './StepCard.tsx';
import { TryIt } from './TryIt.tsx';

// only who makes policies loads the picture
const PolicyPicture = lazy(() =>
  import('./PolicyPicture.tsx').then((module) => ({ default: module.PolicyPicture })),
);

/** An approval policy, made or changed by point and click. */
export function PolicyPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage
      title={t('policy.newTitle')}
      needs={['approval-policy.configure']}
      notAllowed={t('policy.notAllowed')}
    >
      <OneOfOrganization />
    </AllowedPage>
  );
}

function OneOfOrganization(): ReactNode {
  const { t } = useTranslation();
  const { membership } = useSession();
  const { organizationId = membership.organizationId, policyId } = useSearch({
    from: '/shell/policies/edit',
  });
  const organization = useRead('organization.read', { organizationId });
  const list = useRead('approval-policy.list', { organizationId });
  return (
    <Loaded query={organization} notAllowed={t('policy.notAllowed')} empty="never">
      {({ id, name }) => (
        <Loaded query={list} notAllowed={t('policy.notAllowed')} empty="never">
          {({ items, names }) => {
            const policy = items.find((one) => one.id === policyId);
            const place = policy
              ? { id: policy.organizationId, name: policy.organizationName }
              : { id, name };
            return <Editor key={policy?.id ?? 'new'} policy={policy} organization={place} known={names} />;
          }}
        </Loaded>
      )}
    </Loaded>
  );
}

type Props = {
  policy: Policy | undefined;
  organization: { id: string; name: string };
  known: Readonly<Record<string, string>>;
};

function Editor({ policy, organization, known }: Props): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const permissions = usePermissionWords();
  const wide = useMediaQuery('(min-width: 75em)', window.innerWidth >= 1200);
  const [draft, setDraft] = useState<Draft>(() =>
    policy ? draftOf(policy) : { name: '', applies: {}, steps: [newStep(t('policy.firstStep'))] },
  );
  const [names, setNames] = useState<Readonly<Record<string, string>>>(known);
  const words: Words = { t, names, permissions };
  const set = (change: Partial<Draft>): void => {
    setDraft((was) => ({ ...was, ...change }));
    // What was refused is another policy by now.
    create.reset();
    update.reset();
  };
  const onNamed = (id: string, name: string): void => setNames((was) => ({ ...was, [id]: name }));
  const done = ({ name }: { name: string }): void => {
    sayDone(t('policy.saved', { name }));
    void navigate({ to: '/policies', search: { organizationId: organization.id } });
  };
  const create = useChange('approval-policy.create', done);
  const update = useChange('approval-policy.update', done);
  const problem = create.error ?? update.error;
  const hang = isProblem(problem, 'policy.hangs') ? problem : undefined;
  const missing = missingIn(draft);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (missing) return;
    const fields = fieldsOf(draft);
    if (policy) update.mutate({ policyId: policy.id, ...fields, ifVersion: policy.version });
    else create.mutate({ organizationId: organization.id, ...fields });
  };
  const change = (index: number, step: DraftStep): void => set({ steps: draft.steps.with(index, step) });
  const atOnce = draft.steps.length === 0;
  const beside = (
    <Stack>
      <Section title={t('policy.inWords')}>
        <Sentences draft={draft} words={words} />
        <Suspense fallback={<Skeleton height={300} />}>
          <PolicyPicture steps={draft.steps} words={words} />
        </Suspense>
      </Section>
      <TryIt organizationId={organization.id} policyId={policy?.id} draft={draft} words={words} />
    </Stack>
  );
  return (
    <Page
      title={policy ? t('policy.editOf', { name: policy.name }) : t('policy.newTitle')}
      lead={t('policy.standsIn', { organization: organization.name })}
      above={
        <TextLink to="/policies" search={{ organizationId: organization.id }}>
          {t('policy.back')}
        </TextLink>
      }
    >
      <Group align="flex-start" wrap={wide ? 'nowrap' : 'wrap'} gap="lg">
        <Box component="form" onSubmit={submit} style={{ flex: '1 1 320px', minWidth: 0 }}>
          <Stack>
            <TextInput
              label={t('policy.name')}
              description={t('policy.nameHint')}
              value={draft.name}
              required
              maxLength={200}
              onChange={(event) => set({ name: event.currentTarget.value })}
            />
            <ConditionsField
              organization={organization}
              value={draft.applies}
              names={names}
              onChange={(applies) => set({ applies })}
              onNamed={onNamed}
            />
            <Radio.Group
              label={t('policy.what')}
              value={atOnce ? 'at-once' : 'people'}
              onChange={(to) => set({ steps: to === 'at-once' ? [] : [newStep(t('policy.firstStep'))] })}
            >
              <Stack gap="xs" mt={4}>
                <Radio value="people" label={t('policy.whatPeople')} />
                <Radio
                  value="at-once"
                  label={t('policy.whatAtOnce')}
                  description={atOnce ? t('policy.atOnceText') : undefined}
                />
              </Stack>
            </Radio.Group>
            {draft.steps.map((step, index) => (
              <StepCard
                key={step.row}
                number={index + 1}
                of={draft.steps.length}
                step={step}
                words={words}
                onNamed={onNamed}
                onChange={(to) => change(index, to)}
                onMove={(by) => set({ steps: moved(draft.steps, index, by) })}
                onRemove={() => set({ steps: draft.steps.toSpliced(index, 1) })}
                hang={
                  hang?.details.number === index + 1
                    ? hangWords(t, hang.details as unknown as Hang)
                    : undefined
                }
              />
            ))}
            {atOnce || draft.steps.length >= 8 ? null : (
              <Button
                variant="default"
                leftSection={<IconPlus size={16} aria-hidden />}
                style={{ alignSelf: 'flex-start' }}
                onClick={() =>
                  set({
                    steps: [...draft.steps, newStep(`${t('policy.firstStep')} ${draft.steps.length + 1}`)],
                  })
                }
              >
                {t('policy.addStep')}
              </Button>
            )}
            <ActProblem problem={problem} />
            <Group justify="flex-end">
              <ButtonLink to="/policies" search={{ organizationId: organization.id }} variant="default">
                {t('action.cancel')}
              </ButtonLink>
              <ActButton
                type="submit"
                blocked={missing ? t(`policy.missing.${missing}`) : false}
                loading={create.isPending || update.isPending}
              >
                {t('policy.save')}
              </ActButton>
            </Group>
          </Stack>
        </Box>
        <Box style={{ flex: wide ? '0 0 420px' : '1 1 100%', minWidth: 0 }}>{beside}</Box>
      </Group>
    </Page>
  );
}

/** What it does, as it is typed. */
function Sentences({ draft, words }: { draft: Draft; words: Words }): ReactNode {
  const { t } = words;
  const about = conditionWords(words, fieldsOf(draft).applies);
  return (
    <Stack gap="xs">
      <Text size="sm">
        {about.length > 0 ? t('policy.only', { parts: about.join(' · ') }) : t('policy.everything')}
      </Text>
      {draft.steps.length === 0 ? <Text size="sm">{t('policy.atOnce')}</Text> : null}
      <List type="ordered" size="sm" spacing="xs">
        {draft.steps.map((step) => (
          <List.Item key={step.row}>
            {step.name ? <b>{step.name}: </b> : null}
            {stepSentences(words, step).join(' ')}
          </List.Item>
        ))}
      </List>
    </Stack>
  );
}
