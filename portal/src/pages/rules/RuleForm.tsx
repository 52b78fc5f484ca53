import {
  Button,
  Checkbox,
  Fieldset,
  Group,
  Pill,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '../../api/problem.ts';
import { useChange, useRead } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import type { Input } from '../../api/types.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { PersonPicker } from '../../parts/PersonPicker.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { type Condition, FieldConditions } from './FieldConditions.tsx';
import { type Gift, GiftChoice, giftOfRule } from './GiftChoice.tsx';
import { RulePreview, useTriedRule } from './RulePreview.tsx';
import type { Rule } from './rule.ts';

type Relation = NonNullable<Input<'access-rule.create'>['relation']>;
const relations: readonly Relation[] = ['managers', 'line-managers', 'guardians'];

/** Makes or changes a rule: who, and what. Who would gain and lose by it is shown as it is filled in. */
export function RuleForm({ rule, onClose }: { rule: Rule | undefined; onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const { membership } = useSession();
  const own = { id: membership.organizationId, name: membership.organizationName };
  const [organizationId, setOrganizationId] = useState(rule?.organizationId ?? own.id);
  const [name, setName] = useState(rule?.name ?? '');
  const [below, setBelow] = useState(rule?.below ?? true);
  const [title, setTitle] = useState(rule?.title ?? '');
  const [fields, setFields] = useState<Condition[]>(
    (rule?.fields ?? []).map(({ key, in: values }) => ({ key, in: values })),
  );
  const [relation, setRelation] = useState<Relation | null>(
    rule?.relation && rule.relation !== 'members' ? rule.relation : null,
  );
  const [groupId, setGroupId] = useState<string | null>(rule?.group?.id ?? null);
  const [except, setExcept] = useState(rule?.except ?? []);
  const [firstDay, setFirstDay] = useState(rule?.firstDay ?? '');
  const [lastDay, setLastDay] = useState(rule?.lastDay ?? '');
  const [gift, setGift] = useState<Gift | undefined>(rule ? giftOfRule(rule) : undefined);
  // once made, a look at making it again would only confuse
  const [done, setDone] = useState(false);
  const filled = fields.filter((one) => one.in.length > 0);
  const said = {
    below,
    title: title.trim() || null,
    fields: filled,
    relation,
    groupId,
    exceptMembershipIds: except.map(({ membershipId }) => membershipId),
    firstDay: firstDay || null,
    lastDay: lastDay || null,
    ...gift,
  };
  const calledSo = name.trim();
  const complete = calledSo !== '' && gift !== undefined && filled.length === fields.length;
  const create = useChange('access-rule.create', (made) => {
    setDone(true);
    sayDone(t('rules.made', { name: made.name }));
    onClose();
  });
  const update = useChange('access-rule.update', (changed) => {
    setDone(true);
    sayDone(t('rules.saved', { name: changed.name }));
    onClose();
  });
  const change = rule ? update : create;
  const stale = isProblem(change.error, 'preview.stale');
  const tried = useTriedRule(
    gift && filled.length === fields.length && !done
      ? { organizationId, ...said, ...(rule ? { accessRuleId: rule.id } : {}) }
      : undefined,
    change.error,
  );
  const blocked = complete ? tried.blocked : t('rules.chooseFirst');
  const leaveOut = (membershipId: string, displayName: string): void => {
    if (!except.some((one) => one.membershipId === membershipId))
      setExcept([...except, { membershipId, displayName }]);
  };
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (blocked !== false) return;
    const ifPreview = tried.query.data?.token;
    if (rule)
      update.mutate({ accessRuleId: rule.id, name: calledSo, ...said, ifVersion: rule.version, ifPreview });
    else create.mutate({ organizationId, name: calledSo, ...said, ifPreview });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          name="name"
          label={t('rules.name')}
          description={t('rules.nameHint')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
          maxLength={100}
          data-autofocus
        />
        <Fieldset legend={t('rules.who')}>
          <Stack>
            <Text size="sm" c="dimmed">
              {t('rules.whoHint')}
            </Text>
            {rule ? null : (
              <OrganizationPicker
                label={t('rules.organization')}
                value={organizationId}
                known={own}
                required
                onChange={(id) => {
                  setOrganizationId(id ?? own.id);
                  setGift(undefined);
                  setGroupId(null);
                  setFields([]);
                }}
              />
            )}
            <Checkbox
              label={t('rules.below')}
              checked={below}
              onChange={(event) => setBelow(event.currentTarget.checked)}
            />
            <TextInput
              name="title"
              label={t('rules.titleLabel')}
              value={title}
              onChange={(event) => setTitle(event.currentTarget.value)}
              maxLength={200}
            />
            <FieldConditions organizationId={organizationId} value={fields} onChange={setFields} />
            <Select
              label={t('rules.relationLabel')}
              value={relation}
              clearable
              clearButtonProps={{ 'aria-label': t('picker.clear') }}
              placeholder={t('rules.anybody')}
              data={relations.map((one) => ({ value: one, label: t(`rules.relation.${one}`) }))}
              onChange={setRelation}
            />
            <GroupChoice organizationId={organizationId} rule={rule} value={groupId} onChange={setGroupId} />
            <PersonPicker
              label={t('rules.but')}
              description={t('rules.butHint')}
              organizationId={organizationId}
              value={null}
              exclude={except.map(({ membershipId }) => membershipId)}
              onChange={(id, one) => id && one && leaveOut(id, one.displayName)}
            />
            {except.length > 0 ? (
              <Group gap={6}>
                {except.map((one) => (
                  <Pill
                    key={one.membershipId}
                    size="md"
                    withRemoveButton
                    onRemove={() => setExcept(except.filter((other) => other !== one))}
                    removeButtonProps={{
                      'aria-label': t('rules.dropExcept', { name: one.displayName }),
                      'aria-hidden': false,
                      tabIndex: 0,
                    }}
                  >
                    {one.displayName}
                  </Pill>
                ))}
              </Group>
            ) : null}
          </Stack>
        </Fieldset>
        <GiftChoice organizationId={organizationId} rule={rule} value={gift} onChange={setGift} />
        <Fieldset legend={t('rules.when')}>
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <TextInput
              type="date"
              label={t('field.firstDay')}
              description={t('rules.firstDayHint')}
              value={firstDay}
              onChange={(event) => setFirstDay(event.currentTarget.value)}
            />
            <TextInput
              type="date"
              label={t('field.lastDay')}
              description={t('rules.lastDayHint')}
              value={lastDay}
              min={firstDay || undefined}
              onChange={(event) => setLastDay(event.currentTarget.value)}
            />
          </SimpleGrid>
        </Fieldset>
        {gift ? <RulePreview tried={tried} firstDay={said.firstDay} stale={stale} /> : null}
        {tried.query.error?.code === 'access-rule.own' && membership.id ? (
          <Button
            variant="default"
            style={{ alignSelf: 'flex-start' }}
            onClick={() => leaveOut(membership.id, t('rules.me'))}
          >
            {t('rules.leaveMeOut')}
          </Button>
        ) : null}
        <ActProblem problem={stale ? null : change.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <GiveButton type="submit" blocked={blocked} loading={change.isPending}>
            {rule ? t('do.save') : t('rules.do')}
          </GiveButton>
        </Group>
      </Stack>
    </form>
  );
}

/** A group that people there can be in; nothing is asked where there is none. */
function GroupChoice({
  organizationId,
  rule,
  value,
  onChange,
}: {
  organizationId: string;
  rule: Rule | undefined;
  value: string | null;
  onChange: (groupId: string | null) => void;
}): ReactNode {
  const { t } = useTranslation();
  const query = useRead('group.list', { forOrganizationId: organizationId, limit: 200 });
  const groups = new Map((query.data?.items ?? []).map(({ id, name }) => [id, name]));
  if (rule?.group) groups.set(rule.group.id, rule.group.name);
  if (groups.size === 0) return null;
  return (
    <Select
      label={t('rules.groupLabel')}
      value={value}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('picker.clear') }}
      placeholder={t('rules.anybody')}
      data={[...groups].map(([id, label]) => ({ value: id, label }))}
      onChange={onChange}
    />
  );
}
