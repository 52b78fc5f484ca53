import { Checkbox, Fieldset, Group, NumberInput, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { isoDay } from '../../i18n/dates.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { useGrantable } from '../../parts/grantable.ts';
import { ButtonLink } from '../../parts/links.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import type { Arrangement } from './arrangement.ts';
import { Makes } from './Makes.tsx';
import { readParts } from './parts.ts';

type Question = Arrangement['questions'][number];
type Answers = {
  name: string;
  managerName: string;
  managerEmail: string;
  parts: string;
  applicationIds: string[];
  /** said openly, where applications could be handed out */
  noApplications: boolean;
  everydayEntitlementIds: string[];
  seats: number | '';
  until: string;
};

type Props = {
  arrangement: Arrangement;
  parent: { id: string; name: string } | undefined;
  onDone: (organizationId: string, name: string) => void;
};

const noAnswers: Answers = {
  name: '',
  managerName: '',
  managerEmail: '',
  parts: '',
  applicationIds: [],
  noApplications: false,
  everydayEntitlementIds: [],
  seats: '',
  until: '',
};

/** Asks only what differs from case to case; all of it is made, or nothing. */
export function ArrangementForm({ arrangement, parent, onDone }: Props): ReactNode {
  const { t } = useTranslation();
  const { membership } = useSession();
  const own = parent ?? { id: membership.organizationId, name: membership.organizationName };
  const [below, setBelow] = useState<{ id: string; name: string } | undefined>(own);
  const [answers, setAnswers] = useState(noAnswers);
  const set = (change: Partial<Answers>): void => setAnswers((was) => ({ ...was, ...change }));
  const { parts, doubts } = readParts(answers.parts);
  const wrong = doubts.find(({ kind }) => kind !== 'no-email');
  const load = useChange('arrangement.load', (made) =>
    onDone(made.organizationId, answers.name || (below?.name ?? '')),
  );
  const missing = arrangement.questions.find(({ field, required }) => {
    if (!required) return false;
    const answer = field === 'parts' ? parts : answers[field];
    return answer === '' || (Array.isArray(answer) && answer.length === 0);
  });
  const asksForApplications = arrangement.questions.some(({ field }) => field === 'applicationIds');
  const blocked = !below
    ? t('arrangements.chooseBelow')
    : missing
      ? t('arrangements.missing', { what: missing.label })
      : wrong
        ? t(`arrangements.doubt.${wrong.kind}`, { ...wrong })
        : asksForApplications && answers.applicationIds.length === 0 && !answers.noApplications
          ? t('arrangements.tickOne')
          : false;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (blocked !== false || !below) return;
    load.mutate({
      key: arrangement.key,
      parentId: below.id,
      ...(answers.name ? { name: answers.name } : {}),
      ...(answers.managerName ? { managerName: answers.managerName } : {}),
      ...(answers.managerEmail ? { managerEmail: answers.managerEmail } : {}),
      parts,
      applicationIds: answers.applicationIds,
      everydayEntitlementIds: answers.everydayEntitlementIds,
      ...(answers.seats === '' ? {} : { seats: answers.seats }),
      ...(answers.until ? { lastDay: answers.until } : {}),
    });
  };
  return (
    <form onSubmit={submit}>
      <Stack maw={720}>
        <Section title={t('arrangements.what')}>
          <Makes arrangement={arrangement} />
        </Section>
        <Section title={t('arrangements.questions')}>
          <OrganizationPicker
            label={arrangement.newOrganization ? t('arrangements.below') : t('arrangements.inside')}
            required
            value={below?.id ?? null}
            known={below}
            onChange={(_, organization) => {
              setBelow(organization);
              // What may be given differs from place to place.
              set({ applicationIds: [], everydayEntitlementIds: [] });
            }}
          />
          {arrangement.questions.map((question) => (
            <Field
              key={question.field}
              question={question}
              answers={answers}
              organizationId={below?.id}
              onChange={set}
            />
          ))}
        </Section>
        <ActProblem problem={load.error} />
        <Group justify="flex-end">
          <ButtonLink to="/arrangements" search={{ parentId: parent?.id }} variant="default">
            {t('action.cancel')}
          </ButtonLink>
          <GiveButton type="submit" blocked={blocked} loading={load.isPending}>
            {t('arrangements.make')}
          </GiveButton>
        </Group>
      </Stack>
    </form>
  );
}

type FieldProps = {
  question: Question;
  answers: Answers;
  organizationId: string | undefined;
  onChange: (change: Partial<Answers>) => void;
};

function Field({ question, answers, organizationId, onChange }: FieldProps): ReactNode {
  const { t } = useTranslation();
  const { field, label, required } = question;
  const about = { label, description: question.hint || undefined, required };
  if (field === 'applicationIds' || field === 'everydayEntitlementIds')
    return (
      <AccessField
        question={question}
        organizationId={organizationId}
        answers={answers}
        onChange={onChange}
      />
    );
  if (field === 'parts') {
    const { parts, doubts } = readParts(answers.parts);
    return (
      <>
        <Textarea
          {...about}
          autosize
          minRows={3}
          value={answers.parts}
          onChange={(event) => onChange({ parts: event.currentTarget.value })}
        />
        {parts.length > 0 ? (
          <Text size="sm" c="dimmed" role="status">
            {t('arrangements.read', {
              count: parts.length,
              names: parts
                .map(({ name, managerEmail }) =>
                  managerEmail ? t('arrangements.partWith', { name, email: managerEmail }) : name,
                )
                .join(' · '),
            })}
          </Text>
        ) : null}
        {doubts.map((doubt) => (
          <Text key={`${doubt.line} ${doubt.kind}`} size="sm" role="status">
            {t(`arrangements.doubt.${doubt.kind}`, { ...doubt })}
          </Text>
        ))}
      </>
    );
  }
  if (field === 'seats')
    return (
      <NumberInput
        {...about}
        min={1}
        allowDecimal={false}
        value={answers.seats}
        onChange={(seats) => onChange({ seats: typeof seats === 'number' ? seats : '' })}
      />
    );
  return (
    <TextInput
      {...about}
      type={field === 'until' ? 'date' : field === 'managerEmail' ? 'email' : 'text'}
      {...(field === 'until' ? { min: isoDay(1) } : {})}
      maxLength={200}
      value={answers[field]}
      onChange={(event) => onChange({ [field]: event.currentTarget.value })}
    />
  );
}

/** Applications, or roles in them, among those that the reader may give there. */
function AccessField({
  question,
  organizationId,
  answers,
  onChange,
}: Pick<FieldProps, 'question' | 'organizationId' | 'answers' | 'onChange'>): ReactNode {
  const { t } = useTranslation();
  const grantable = useGrantable(organizationId);
  const applications = grantable.data?.applications ?? [];
  const { applicationIds, everydayEntitlementIds, noApplications } = answers;
  const whole = question.field === 'applicationIds';
  const choices = applications.flatMap((application) =>
    whole
      ? [{ id: application.id, name: application.name }]
      : application.roles.map((role) => ({
          id: role.entitlementId,
          name: t('access.roleOf', { role: role.name, application: application.name }),
        })),
  );
  const chosen = whole ? applicationIds : everydayEntitlementIds;
  // Nobody there can be given a role whose application may not be handed out: ticked and unticked, they go together.
  const toggle = (id: string, on: boolean): void => {
    const next = question.most === 1 && on ? [id] : on ? [...chosen, id] : chosen.filter((one) => one !== id);
    if (!whole) {
      const needed = applications
        .filter(({ roles }) => on && roles.some((role) => role.entitlementId === id))
        .map((application) => application.id);
      onChange({
        everydayEntitlementIds: next,
        applicationIds: [...new Set([...applicationIds, ...needed])],
        noApplications: noApplications && !on,
      });
      return;
    }
    const left = applications.filter((application) => next.includes(application.id));
    onChange({
      applicationIds: next,
      noApplications: noApplications && !on,
      everydayEntitlementIds: everydayEntitlementIds.filter((one) =>
        left.some(({ roles }) => roles.some((role) => role.entitlementId === one)),
      ),
    });
  };
  return (
    <Fieldset legend={question.label}>
      <Stack gap="xs">
        {question.hint ? (
          <Text size="sm" c="dimmed">
            {question.hint}
          </Text>
        ) : null}
        {choices.map(({ id, name }) => (
          <Checkbox
            key={id}
            label={name}
            checked={chosen.includes(id)}
            onChange={(event) => toggle(id, event.currentTarget.checked)}
          />
        ))}
        {choices.length === 0 ? (
          <Text size="sm" c="dimmed">
            {grantable.isPending ? t('state.loading') : t('accessChoice.none')}
          </Text>
        ) : null}
        {whole && !question.required ? (
          <Checkbox
            label={t('arrangements.noApplications')}
            checked={noApplications}
            onChange={(event) =>
              onChange(
                event.currentTarget.checked
                  ? { noApplications: true, applicationIds: [], everydayEntitlementIds: [] }
                  : { noApplications: false },
              )
            }
          />
        ) : null}
      </Stack>
    </Fieldset>
  );
}
