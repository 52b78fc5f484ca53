import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { day } from '../../i18n/dates.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { TextLink } from '../../parts/links.tsx';
import { PersonPicker } from '../../parts/PersonPicker.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { AttributeFields, type AttributeValues, useAttributes } from './AttributeFields.tsx';
import type { Person } from './PersonPage.tsx';

export function PersonDetails({ person }: { person: Person }): ReactNode {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  const mayEdit = person.may.includes('membership.update');
  return (
    <Section
      title={t('person.details')}
      actions={
        mayEdit && !editing ? (
          <Button variant="default" size="xs" onClick={() => setEditing(true)}>
            {t('action.edit')}
          </Button>
        ) : null
      }
    >
      {editing ? (
        <EditDetails person={person} onDone={() => setEditing(false)} />
      ) : (
        <ShowDetails person={person} />
      )}
    </Section>
  );
}

function ShowDetails({ person }: { person: Person }): ReactNode {
  const { t } = useTranslation();
  const attributes = useAttributes(person.organization.id);
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
    ...attributes.map(({ key, label }): [string, ReactNode] => [label, shown(person.attributes[key])]),
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

const shown = (value: Person['attributes'][string] | undefined): ReactNode =>
  value === undefined || value === null ? null : String(value);

function EditDetails({ person, onDone }: { person: Person; onDone: () => void }): ReactNode {
  const { t } = useTranslation();
  const attributes = useAttributes(person.organization.id);
  const [title, setTitle] = useState(person.title);
  const [firstDay, setFirstDay] = useState(person.firstDay ?? '');
  const [lastDay, setLastDay] = useState(person.lastDay ?? '');
  const [lineManagerId, setLineManagerId] = useState(person.lineManager?.membershipId ?? null);
  const [values, setValues] = useState<AttributeValues>(person.attributes);
  const update = useChange('membership.update', () => {
    sayDone(t('person.saved'));
    onDone();
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        update.mutate({
          membershipId: person.membershipId,
          title,
          firstDay: firstDay || null,
          lastDay: lastDay || null,
          lineManagerId,
          attributes: Object.fromEntries(attributes.map(({ key }) => [key, values[key] ?? null])),
          ifVersion: person.version,
        });
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
        <ActProblem problem={update.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={update.isPending}>
            {t('action.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
