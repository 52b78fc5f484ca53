import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Input } from '../../api/types.ts';
import { day } from '../../i18n/dates.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import { ChangePreview, usePreviewedChange } from '../../parts/ChangePreview.tsx';
import { TextLink } from '../../parts/links.tsx';
import { PersonPicker } from '../../parts/PersonPicker.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { valueIn } from '../people/own-fields.ts';
import { SourceLink, useSourcesOf } from '../sources/FromDirectories.tsx';
import { AttributeFields, type AttributeValues, useAttributes } from './AttributeFields.tsx';
import { hasLeft } from './has-left.ts';
import type { Person } from './person.ts';
import { StayLonger } from './StayLonger.tsx';
import { SuccessorButton } from './SuccessorButton.tsx';

export function PersonDetails({ person }: { person: Person }): ReactNode {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  const mayEdit = person.may.includes('membership.update');
  return (
    <Section
      title={t('person.details')}
      actions={
        mayEdit && !editing ? (
          <ActButton
            variant="default"
            size="xs"
            blocked={hasLeft(t, person)}
            onClick={() => setEditing(true)}
          >
            {t('action.edit')}
          </ActButton>
        ) : null
      }
    >
      {editing ? (
        <EditDetails person={person} onDone={() => setEditing(false)} />
      ) : (
        <>
          <ShowDetails person={person} />
          {mayEdit && !person.isSelf && person.lastDay && ['active', 'no-sign-in'].includes(person.state) ? (
            <Stack gap={4} mt="sm">
              <Text size="sm" c="dimmed">
                {t('person.stays')}
              </Text>
              <StayLonger
                membershipId={person.membershipId}
                lastDay={person.lastDay}
                name={person.user.displayName}
              />
            </Stack>
          ) : null}
          {person.may.includes('membership.end') && person.lastDay && person.state !== 'left' ? (
            <Group gap="xs" mt="sm">
              <Text size="sm" c="dimmed">
                {t('successor.question')}
              </Text>
              <SuccessorButton
                membershipId={person.membershipId}
                name={person.user.displayName}
                lastDay={person.lastDay}
                successor={person.successor}
              />
            </Group>
          ) : null}
        </>
      )}
    </Section>
  );
}

function ShowDetails({ person }: { person: Person }): ReactNode {
  const { t } = useTranslation();
  const attributes = useAttributes(person.organization.id);
  const sources = useSourcesOf(person.membershipId);
  const lines: [string, ReactNode][] = [
    [t('field.organization'), person.organization.name],
    [t('field.email'), person.user.email],
    [t('field.userName'), person.user.userName],
    [t('field.title'), person.title],
    [
      t('field.lineManager'),
      person.lineManager ? (
        <TextLink
          size="sm"
          key="lineManager"
          to="/people/$membershipId"
          params={{ membershipId: person.lineManager.membershipId }}
        >
          {person.lineManager.displayName}
        </TextLink>
      ) : null,
    ],
    [t('field.firstDay'), day(person.firstDay)],
    [t('field.lastDay'), day(person.lastDay)],
    [
      t('person.successor'),
      person.successor ? (
        <TextLink
          size="sm"
          key="successor"
          to="/people/$membershipId"
          params={{ membershipId: person.successor.membershipId }}
        >
          {person.successor.displayName}
        </TextLink>
      ) : null,
    ],
    ...attributes.map(({ key, label, kind }): [string, ReactNode] => [
      label,
      valueIn(t, kind, person.attributes[key]),
    ]),
    ...sources.map((source): [string, ReactNode] => [
      t('sources.comesFrom'),
      <SourceLink key={source.sourceId} source={source} />,
    ]),
    ...person.otherMemberships.map((other): [string, ReactNode] => [
      t('person.alsoIn'),
      <TextLink
        size="sm"
        key={other.membershipId}
        to="/people/$membershipId"
        params={{ membershipId: other.membershipId }}
      >
        {other.organization.name}
      </TextLink>,
    ]),
  ];
  return (
    <Stack component="dl" gap={6} m={0}>
      {lines
        .filter(([, value]) => value)
        .map(([name, value], index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two lines may have the same name, and the list never reorders
          <Group key={index} gap="xs" align="flex-start" wrap="nowrap">
            <Text component="dt" size="sm" c="dimmed" w={120} style={{ flex: 'none' }}>
              {name}
            </Text>
            <Text component="dd" size="sm" m={0} style={{ overflowWrap: 'anywhere' }}>
              {value}
            </Text>
          </Group>
        ))}
    </Stack>
  );
}

/** The fields of the organization's own whose value is another now. */
function changedValues(
  attributes: ReturnType<typeof useAttributes>,
  before: AttributeValues,
  now: AttributeValues,
): Pick<Input<'membership.update'>, 'attributes'> {
  const changed = attributes
    .map(({ key }) => [key, now[key] ?? null] as const)
    .filter(([key, value]) => value !== (before[key] ?? null));
  return changed.length > 0 ? { attributes: Object.fromEntries(changed) } : {};
}

function EditDetails({ person, onDone }: { person: Person; onDone: () => void }): ReactNode {
  const { t } = useTranslation();
  const attributes = useAttributes(person.organization.id, { byHand: true });
  const [title, setTitle] = useState(person.title);
  const [firstDay, setFirstDay] = useState(person.firstDay ?? '');
  const [lastDay, setLastDay] = useState(person.lastDay ?? '');
  const [lineManagerId, setLineManagerId] = useState(person.lineManager?.membershipId ?? null);
  const [values, setValues] = useState<AttributeValues>(person.attributes);
  // only what was changed: what stands is not decided anew
  const changed: Omit<Input<'membership.update'>, 'membershipId'> = {
    ...(title === person.title ? {} : { title }),
    ...(firstDay === (person.firstDay ?? '') ? {} : { firstDay: firstDay || null }),
    ...(lastDay === (person.lastDay ?? '') ? {} : { lastDay: lastDay || null }),
    ...(lineManagerId === (person.lineManager?.membershipId ?? null) ? {} : { lineManagerId }),
    ...changedValues(attributes, person.attributes, values),
  };
  const any = Object.keys(changed).length > 0;
  const update = usePreviewedChange(
    'membership.update',
    any ? { membershipId: person.membershipId, ...changed } : undefined,
    () => {
      sayDone(t('person.saved'));
      onDone();
    },
  );
  const blocked = any ? update.blocked : t('person.nothingChanged');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (blocked === false) update.save(person.version);
      }}
    >
      <Stack gap="sm">
        <TextInput
          label={t('field.title')}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <PersonPicker
          label={t('field.lineManager')}
          value={lineManagerId}
          known={
            person.lineManager
              ? { membershipId: person.lineManager.membershipId, displayName: person.lineManager.displayName }
              : undefined
          }
          onChange={setLineManagerId}
          exclude={[person.membershipId]}
        />
        <TextInput
          type="date"
          label={t('field.firstDay')}
          value={firstDay}
          onChange={(event) => setFirstDay(event.currentTarget.value)}
        />
        <TextInput
          type="date"
          label={t('field.lastDay')}
          value={lastDay}
          onChange={(event) => setLastDay(event.currentTarget.value)}
        />
        <AttributeFields attributes={attributes} values={values} onChange={setValues} />
        {any ? <ChangePreview query={update.preview} refusal={update.refusal} tried={update.tried} /> : null}
        <ActProblem problem={update.problem} tried={update.tried} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t('action.cancel')}
          </Button>
          <ActButton type="submit" blocked={blocked} loading={update.busy}>
            {t('action.save')}
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
