import { Button, Checkbox, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import { useMay, useSession } from '../../api/session.ts';
import { isoDay } from '../../i18n/dates.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { DeputyPicker } from './DeputyPicker.tsx';

const whats = ['all', 'organization', 'application', 'risk'] as const;
type What = (typeof whats)[number];
const risks = ['low', 'normal', 'high'] as const;
type Risk = (typeof risks)[number];

/** Three fields: who, from and to, for what. */
export function NameDeputyDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const [who, setWho] = useState<{ id: string | null; name: string }>({ id: null, name: '' });
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const may = useMay();
  const [what, setWhat] = useState<What>('all');
  const [organizationId, setOrganizationId] = useState<string | null>(null);
  const [applicationId, setApplicationId] = useState<string | null>(null);
  const [risk, setRisk] = useState<Risk[]>(['low']);
  const [passOn, setPassOn] = useState(false);
  const name = useChange('deputy.create', () => {
    onClose();
    sayDone(t('deputies.named', { name: who.name }));
  });
  // only what somebody can fill in: who sees no organizations cannot name one
  const offered = whats.filter(
    (one) =>
      (one !== 'organization' || may('organization.read')) && (one !== 'application' || may('access.grant')),
  );
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (!who.id || !to) return;
    name.mutate({
      membershipId: who.id,
      // today begins now: a day that has begun lies in the past
      ...(from && from > isoDay() ? { firstDay: from } : {}),
      lastDay: to,
      ...(what === 'organization' && organizationId ? { organizationId } : {}),
      ...(what === 'application' && applicationId ? { applicationIds: [applicationId] } : {}),
      ...(what === 'risk' ? { risk } : {}),
      ...(passOn ? { mayPassOn: 1 } : {}),
    });
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('deputies.name')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form onSubmit={onSubmit}>
        <Stack>
          <DeputyPicker value={who.id} onChange={(id, called) => setWho({ id, name: called })} />
          <Group grow align="flex-start">
            <TextInput
              type="date"
              label={t('deputies.from')}
              description={t('deputies.fromHint')}
              min={isoDay()}
              value={from}
              onChange={(event) => setFrom(event.currentTarget.value)}
            />
            <TextInput
              type="date"
              label={t('deputies.to')}
              description={t('deputies.toHint')}
              min={from || isoDay()}
              value={to}
              onChange={(event) => setTo(event.currentTarget.value)}
              required
            />
          </Group>
          <Select
            label={t('deputies.forWhat')}
            required
            allowDeselect={false}
            value={what}
            onChange={(chosen) => setWhat(whats.find((one) => one === chosen) ?? 'all')}
            data={offered.map((value) => ({ value, label: t(`deputies.what.${value}`) }))}
          />
          {what === 'organization' ? (
            <OrganizationPicker
              label={t('deputies.organization')}
              required
              value={organizationId}
              onChange={setOrganizationId}
            />
          ) : null}
          {what === 'application' ? (
            <ApplicationPicker value={applicationId} onChange={setApplicationId} />
          ) : null}
          {what === 'risk' ? (
            <Checkbox.Group
              label={t('deputies.risks')}
              value={risk}
              onChange={(chosen) => setRisk(risks.filter((one) => chosen.includes(one)))}
            >
              <Group mt="xs">
                {risks.map((one) => (
                  <Checkbox key={one} value={one} label={t(`deputies.risk.${one}`)} />
                ))}
              </Group>
            </Checkbox.Group>
          ) : null}
          <Checkbox
            label={t('deputies.passOn')}
            description={t('deputies.passOnHint')}
            checked={passOn}
            onChange={(event) => setPassOn(event.currentTarget.checked)}
          />
          <ActProblem problem={name.error} />
          <Group justify="flex-end">
            <Button type="submit" color="teal.9" loading={name.isPending}>
              {t('deputies.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function ApplicationPicker({
  value,
  onChange,
}: {
  value: string | null;
  onChange: (id: string | null) => void;
}): ReactNode {
  const { t } = useTranslation();
  const { membership } = useSession();
  const mine = useRead('entitlement.grantable', { organizationId: membership.organizationId });
  return (
    <Select
      label={t('deputies.application')}
      required
      searchable
      value={value}
      onChange={onChange}
      data={(mine.data?.applications ?? []).map(({ id, name }) => ({ value: id, label: name }))}
    />
  );
}
