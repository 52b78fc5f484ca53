import { Button, Group, NumberInput, Stack, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../api/session.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { AccessChoice } from '../../parts/AccessChoice.tsx';
import { TakeButton } from '../../parts/ActButton.tsx';
import { ChangePreview, usePreviewedChange } from '../../parts/ChangePreview.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { Separation } from './separation.ts';

/** Makes or changes a set of roles that one person may not have together. Who loses what by it is shown first. */
export function SeparationForm({
  separation,
  onClose,
}: {
  separation: Separation | undefined;
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const { membership } = useSession();
  const own = { id: membership.organizationId, name: membership.organizationName };
  const [organizationId, setOrganizationId] = useState(separation?.organizationId ?? own.id);
  const [name, setName] = useState(separation?.name ?? '');
  const [reason, setReason] = useState(separation?.reason ?? '');
  // once made, a look at making it again would only say that the name is taken
  const [done, setDone] = useState(false);
  const [tooMany, setTooMany] = useState(separation?.tooMany ?? 2);
  const [chosen, setChosen] = useState((separation?.roles ?? []).map(({ entitlementId }) => entitlementId));
  const fields = { name: name.trim(), reason: reason.trim(), tooMany, entitlementIds: chosen };
  const enough = chosen.length >= tooMany;
  const complete = enough && fields.name !== '';
  const create = usePreviewedChange(
    'separation.create',
    !separation && complete && !done ? { organizationId, ...fields } : undefined,
    (made) => {
      setDone(true);
      sayDone(t('separation.made', { name: made.name }));
      onClose();
    },
  );
  const update = usePreviewedChange(
    'separation.update',
    separation && complete ? { separationId: separation.id, ...fields } : undefined,
    (changed) => {
      sayDone(t('separation.saved', { name: changed.name }));
      onClose();
    },
  );
  const blocked = !enough
    ? t('separation.chooseFirst', { count: tooMany })
    : complete
      ? (separation ? update : create).blocked
      : false;
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (blocked !== false) return;
    if (separation) update.save(separation.version);
    else create.save();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          name="name"
          label={t('separation.name')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
          maxLength={200}
          data-autofocus
        />
        {separation ? null : (
          <OrganizationPicker
            label={t('separation.organization')}
            description={t('separation.organizationHint')}
            value={organizationId}
            known={own}
            onChange={(id) => setOrganizationId(id ?? own.id)}
          />
        )}
        <AccessChoice
          label={t('separation.roles')}
          organizationId={organizationId}
          value={{ entitlementIds: chosen, accessRoleIds: [] }}
          onChange={({ entitlementIds }) => setChosen(entitlementIds)}
        />
        <NumberInput
          label={t('separation.tooMany')}
          description={t('separation.tooManyHint')}
          value={tooMany}
          min={2}
          max={100}
          clampBehavior="strict"
          allowDecimal={false}
          onChange={(value) => setTooMany(typeof value === 'number' ? value : 2)}
        />
        <Textarea
          name="reason"
          label={t('separation.reason')}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          autosize
          maxLength={1000}
        />
        {complete ? (
          separation ? (
            <ChangePreview query={update.preview} refusal={update.refusal} tried={update.tried} />
          ) : (
            <ChangePreview query={create.preview} refusal={create.refusal} tried={create.tried} />
          )
        ) : null}
        <ActProblem problem={create.problem ?? update.problem} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <TakeButton type="submit" blocked={blocked} loading={create.busy || update.busy}>
            {separation ? t('do.save') : t('separation.do')}
          </TakeButton>
        </Group>
      </Stack>
    </form>
  );
}
