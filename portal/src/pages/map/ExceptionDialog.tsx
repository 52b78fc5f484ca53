import {
  Button,
  Checkbox,
  Group,
  Modal,
  Radio,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Permission } from '../../../../src/authority/permissions.ts';
import type { Input } from '../../api/types.ts';
import { isoDay } from '../../i18n/dates.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { TakeButton } from '../../parts/ActButton.tsx';
import { ChangePreview, usePreviewedChange } from '../../parts/ChangePreview.tsx';
import { useGrantable } from '../../parts/grantable.ts';
import { PersonPicker } from '../../parts/PersonPicker.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { PermissionChoice } from '../delegation/PermissionChoice.tsx';

type Props = { organization: { id: string; name: string }; onClose: () => void };

/** Takes acts from everybody here but the setter and those above; shows who loses what first. */
export function ExceptionDialog({ organization, onClose }: Props): ReactNode {
  const { t } = useTranslation();
  const [what, setWhat] = useState<'some' | 'anything'>('some');
  const [permissions, setPermissions] = useState<Permission[]>([]);
  const [below, setBelow] = useState(true);
  const [applicationId, setApplicationId] = useState<string | null>(null);
  const [person, setPerson] = useState<{ membershipId: string; displayName: string }>();
  const [untilDay, setUntilDay] = useState('');
  const [reason, setReason] = useState('');
  const grantable = useGrantable(organization.id);
  const complete = what === 'anything' || permissions.length > 0;
  const input: Input<'exception.create'> = {
    organizationId: organization.id,
    below,
    permissions: what === 'anything' ? [] : permissions,
    ...(applicationId ? { applicationId } : {}),
    ...(person ? { membershipId: person.membershipId } : {}),
    ...(untilDay ? { lastDay: untilDay } : {}),
    reason: reason.trim(),
  };
  const create = usePreviewedChange('exception.create', complete ? input : undefined, () => {
    sayDone(t('exceptions.done', { name: organization.name }));
    onClose();
  });
  const blocked = complete ? create.blocked : t('delegate.choosePermission');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (blocked === false) create.save();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t('exceptions.setTitle', { name: organization.name })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">{t('exceptions.lead')}</Text>
          <Radio.Group
            label={t('exceptions.what')}
            value={what}
            onChange={(to) => setWhat(to as 'some' | 'anything')}
          >
            <Stack gap="xs" mt={4}>
              <Radio value="some" label={t('exceptions.someActs')} />
              <Radio value="anything" label={t('exceptions.anyAct')} />
            </Stack>
          </Radio.Group>
          {what === 'some' ? (
            <PermissionChoice label={t('exceptions.acts')} value={permissions} onChange={setPermissions} />
          ) : null}
          <Checkbox
            label={t('exceptions.below', { name: organization.name })}
            checked={below}
            onChange={(event) => setBelow(event.currentTarget.checked)}
          />
          <Select
            label={t('exceptions.application')}
            description={t('exceptions.applicationHint')}
            clearable
            clearButtonProps={{ 'aria-label': t('picker.clear') }}
            value={applicationId}
            onChange={setApplicationId}
            data={(grantable.data?.applications ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          />
          <PersonPicker
            label={t('exceptions.person')}
            description={t('exceptions.personHint')}
            organizationId={organization.id}
            value={person?.membershipId ?? null}
            known={person}
            onChange={(membershipId, found) =>
              setPerson(membershipId && found ? { membershipId, displayName: found.displayName } : undefined)
            }
          />
          <TextInput
            type="date"
            label={t('delegate.until')}
            description={t('appoint.untilHint')}
            min={isoDay(1)}
            value={untilDay}
            onChange={(event) => setUntilDay(event.currentTarget.value)}
          />
          <Textarea
            label={t('delegate.reason')}
            autosize
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {complete ? (
            <ChangePreview query={create.preview} refusal={create.refusal} tried={create.tried} />
          ) : null}
          <ActProblem problem={create.problem} tried={create.tried} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <TakeButton type="submit" blocked={blocked} loading={create.busy}>
              {t('exceptions.set')}
            </TakeButton>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
