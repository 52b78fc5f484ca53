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
import { endOfDay } from '../../parts/until.ts';
import { type Arrangement, Makes } from './ArrangementsPage.tsx';
import { type Part, readParts } from './parts.ts';

type Question = Arrangement['questions'][number];
type Answers = {
  name: string;
  managerName: string;
  managerEmail: string;
  parts: string;
  applicationIds: string[];
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
  const parts = readParts(answers.parts);
  const load = useChange('arrangement.load', (made) =>
    onDone(made.organizationId, answers.name || (below?.name ?? '')),
  );
  const missing = arrangement.questions.find(({ field, required }) => {
    if (!required) return false;
    const answer = field === 'parts' ? parts : answers[field];
    return answer === '' || (Array.isArray(answer) && answer.length === 0);
  });
  const blocked = !below
    ? t('arrangements.chooseBelow')
    : missing
      ? t('arrangements.missing', { what: missing.label })
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
      until: endOfDay(answers.until),
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
            onChange={(_, organization) => setBelow(organization)}
          />
          {arrangement.questions.map((question) => (
            <Field
              key={question.field}
              question={question}
              answers={answers}
              parts={parts}
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
  parts: Part[];
  organizationId: string | undefined;
  onChange: (change: Partial<Answers>) => void;
};

function Field({ question, answers, parts, organizationId, onChange }: FieldProps): ReactNode {
  const { t } = useTranslation();
  const { field, label, required } = question;
  const about = { label, description: question.hint || undefined, required };
  if (field === 'applicationIds' || field === 'everydayEntitlementIds')
    return (
      <AccessField
        question={question}
        organizationId={organizationId}
        value={answers[field]}
        onChange={(chosen) => onChange({ [field]: chosen })}
      />
    );
  if (field === 'parts')
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
      </>
    );
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
  value,
  onChange,
}: {
  question: Question;
  organizationId: string | undefined;
  value: readonly string[];
  onChange: (chosen: string[]) => void;
}): ReactNode {
  const { t } = useTranslation();
  const grantable = useGrantable(organizationId);
  const whole = question.field === 'applicationIds';
  const choices = (grantable.data?.applications ?? []).flatMap((application) =>
    whole
      ? [{ id: application.id, name: application.name }]
      : application.roles.map((role) => ({
          id: role.entitlementId,
          name: t('access.roleOf', { role: role.name, application: application.name }),
        })),
  );
  const toggle = (id: string, on: boolean): void =>
    onChange(question.most === 1 && on ? [id] : on ? [...value, id] : value.filter((one) => one !== id));
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
            checked={value.includes(id)}
            onChange={(event) => toggle(id, event.currentTarget.checked)}
          />
        ))}
        {choices.length === 0 ? (
          <Text size="sm" c="dimmed">
            {grantable.isPending ? t('state.loading') : t('accessChoice.none')}
          </Text>
        ) : null}
      </Stack>
    </Fieldset>
  );
}
