import {
  Badge,
  Button,
  Checkbox,
  Group,
  Modal,
  Paper,
  Select,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import type { Item } from '../../api/types.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { ActButton, GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { ConsequenceDialog } from '../../parts/ConsequenceDialog.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { Organization } from './organization.ts';

type Field = Item<'attribute.list'>;

/** Fields that an organization keeps about its people, its own and those from above. */
export function FieldsSection({ organization }: { organization: Organization }): ReactNode {
  const { t } = useTranslation();
  const query = useRead('attribute.list', { organizationId: organization.id });
  const [editing, setEditing] = useState<Field | 'new'>();
  const [removing, setRemoving] = useState<Field>();
  const blocked = organization.may.includes('attribute.configure') ? false : t('fields.mayNot');
  const remove = useChange('attribute.remove', () => {
    sayDone(t('fields.removed'));
    setRemoving(undefined);
  });
  const add = (
    <GiveButton
      blocked={blocked}
      why={{ permission: 'attribute.configure', organizationId: organization.id }}
      onClick={() => setEditing('new')}
    >
      {t('fields.add')}
    </GiveButton>
  );
  return (
    <Stack align="stretch">
      <Text c="dimmed" maw={720}>
        {t('fields.lead')}
      </Text>
      <Loaded
        query={query}
        notAllowed={t('organizations.notAllowed')}
        empty={{
          when: (list) => list.items.length === 0,
          title: t('fields.none'),
          text: t('fields.noneText'),
          action: add,
        }}
      >
        {(list) => (
          <>
            <Group>{add}</Group>
            <Stack
              component="ul"
              p={0}
              m={0}
              style={{ listStyle: 'none' }}
              aria-label={t('fields.list')}
              gap="xs"
            >
              {list.items.map((field) => (
                <Paper component="li" withBorder p="sm" key={field.key}>
                  <Group justify="space-between">
                    <div>
                      <Text fw={600}>{field.label}</Text>
                      <Text size="sm" c="dimmed">
                        {t(`fields.kind.${field.kind}`)}
                        {field.choices.length > 0 ? `: ${field.choices.join(', ')}` : ''}
                        {field.seenBy === 'everybody' ? '' : ` · ${t(`fields.seen.${field.seenBy}`)}`}
                        {field.changedBy === 'managers' ? '' : ` · ${t(`fields.written.${field.changedBy}`)}`}
                        {field.claim ? ` · ${t('fields.claimed')}` : ''}
                      </Text>
                    </div>
                    <Group gap="xs">
                      {field.required ? (
                        <Badge variant="outline" color="gray" c="inherit">
                          {t('fields.required')}
                        </Badge>
                      ) : null}
                      <ActButton
                        size="xs"
                        variant="default"
                        aria-label={t('fields.editOf', { field: field.label })}
                        blocked={field.inherited ? t('fields.inherited') : blocked}
                        onClick={() => setEditing(field)}
                      >
                        {t('do.edit')}
                      </ActButton>
                      <TakeButton
                        size="xs"
                        aria-label={t('fields.removeOf', { field: field.label })}
                        blocked={field.inherited ? t('fields.inherited') : blocked}
                        onClick={() => setRemoving(field)}
                      >
                        {t('do.remove')}
                      </TakeButton>
                    </Group>
                  </Group>
                </Paper>
              ))}
            </Stack>
          </>
        )}
      </Loaded>
      <Modal
        opened={editing !== undefined}
        onClose={() => setEditing(undefined)}
        title={editing === 'new' || !editing ? t('fields.add') : t('fields.editOf', { field: editing.label })}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <FieldForm
          organizationId={organization.id}
          field={editing === 'new' ? undefined : editing}
          onClose={() => setEditing(undefined)}
        />
      </Modal>
      <ConsequenceDialog
        opened={removing !== undefined}
        onClose={() => setRemoving(undefined)}
        title={t('fields.removeOf', { field: removing?.label ?? '' })}
        consequence={<Text size="sm">{t('fields.removeText')}</Text>}
        confirm={t('do.remove')}
        onConfirm={() =>
          removing &&
          remove.mutate({ organizationId: organization.id, key: removing.key, ifVersion: removing.version })
        }
        busy={remove.isPending}
        problem={remove.error}
      />
    </Stack>
  );
}

const seers = ['managers', 'self', 'everybody'] as const;
const writers = ['managers', 'self', 'source'] as const;
const kinds = ['text', 'number', 'date', 'boolean', 'choice'] as const;

/** "Badge number" becomes `badge_number`. */
const keyFrom = (label: string): string =>
  label
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 40);

function FieldForm({
  organizationId,
  field,
  onClose,
}: {
  organizationId: string;
  field: Field | undefined;
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const [label, setLabel] = useState(field?.label ?? '');
  const [kind, setKind] = useState<Field['kind']>(field?.kind ?? 'text');
  const [choices, setChoices] = useState<string[]>(field?.choices ?? []);
  const [required, setRequired] = useState(field?.required ?? false);
  const [seenBy, setSeenBy] = useState<Field['seenBy']>(field?.seenBy ?? 'everybody');
  const [changedBy, setChangedBy] = useState<Field['changedBy']>(field?.changedBy ?? 'managers');
  const [claim, setClaim] = useState(field?.claim ?? false);
  const define = useChange('attribute.define', () => {
    sayDone(t('fields.saved'));
    onClose();
  });
  const key = field?.key ?? keyFrom(label);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        define.mutate({
          organizationId,
          key,
          label,
          kind,
          choices: kind === 'choice' ? choices : [],
          required,
          seenBy,
          changedBy,
          claim,
          ...(field ? { ifVersion: field.version } : {}),
        });
      }}
    >
      <Stack>
        <TextInput
          label={t('fields.label')}
          value={label}
          onChange={(event) => setLabel(event.currentTarget.value)}
          required
          maxLength={100}
          data-autofocus
        />
        <Select
          label={t('fields.kindLabel')}
          description={field ? t('fields.kindStays') : undefined}
          data={kinds.map((one) => ({ value: one, label: t(`fields.kind.${one}`) }))}
          value={kind}
          readOnly={field !== undefined}
          allowDeselect={false}
          onChange={(to) => to && setKind(to)}
        />
        {kind === 'choice' ? (
          <TagsInput
            label={t('fields.choices')}
            description={t('fields.choicesHint')}
            value={choices}
            onChange={setChoices}
          />
        ) : null}
        <Checkbox
          label={t('fields.requiredLabel')}
          checked={required}
          onChange={(event) => setRequired(event.currentTarget.checked)}
        />
        <Select
          label={t('fields.seenBy')}
          data={seers.map((one) => ({ value: one, label: t(`fields.sees.${one}`) }))}
          value={seenBy}
          allowDeselect={false}
          onChange={(to) => to && setSeenBy(to)}
        />
        <Select
          label={t('fields.changedBy')}
          description={changedBy === 'self' ? t('fields.ownNoRule') : undefined}
          data={writers.map((one) => ({ value: one, label: t(`fields.writes.${one}`) }))}
          value={changedBy}
          allowDeselect={false}
          onChange={(to) => {
            if (!to) return;
            setChangedBy(to);
            if (to === 'self' && seenBy === 'managers') setSeenBy('self');
          }}
        />
        <Checkbox
          label={t('fields.claim')}
          description={t('fields.claimHint')}
          checked={claim}
          onChange={(event) => setClaim(event.currentTarget.checked)}
        />
        <ActProblem problem={define.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <ActButton type="submit" blocked={key ? false : t('fields.needsLabel')} loading={define.isPending}>
            {t('do.save')}
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
