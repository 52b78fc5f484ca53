import { NumberInput, PasswordInput, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { type ComponentProps, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { Fold } from '../../parts/Fold.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { useSave } from './save-source.tsx';
import type { SourceDetail } from './source.ts';
import { TryFirst } from './TryOut.tsx';
import { usualClass, usualColumns } from './usual.ts';

const makes = ['ldap', 'ad'] as const;
const ways = ['tls', 'starttls', 'clear'] as const;
type Connection = SourceDetail['settings'];

/** Connects a directory: where it is, our account there, and where people stand in it. */
export function NewSource({
  onClose,
  onMade,
}: {
  onClose: () => void;
  onMade: (sourceId: string) => void;
}): ReactNode {
  const { t } = useTranslation();
  const { membership } = useSession();
  const [organizationId, setOrganizationId] = useState<string | null>(membership.organizationId);
  const [make, setMake] = useState<(typeof makes)[number]>('ldap');
  const create = useChange('source.create', (made) => {
    sayDone(t('sources.made', { name: made.name }));
    onClose();
    onMade(made.sourceId);
  });
  return (
    <SourceFields
      source={undefined}
      usual={usualClass[make]}
      busy={create.isPending}
      problem={create.error}
      confirm={t('sources.connect')}
      onSave={(said) =>
        organizationId && create.mutate({ organizationId, make, ...said, columns: { ...usualColumns[make] } })
      }
      attempt={({ name: _, password, ...said }) => ({
        fresh:
          organizationId && password
            ? { organizationId, make, ...said, password, columns: { ...usualColumns[make] } }
            : undefined,
      })}
    >
      <OrganizationPicker
        label={t('sources.organization')}
        description={t('sources.organizationHint')}
        required
        value={organizationId}
        known={{ id: membership.organizationId, name: membership.organizationName }}
        onChange={setOrganizationId}
      />
      <Select
        label={t('sources.make')}
        required
        allowDeselect={false}
        value={make}
        onChange={(one) => setMake(one === 'ad' ? 'ad' : 'ldap')}
        data={makes.map((one) => ({
          value: one,
          label: one === 'ad' ? t('sources.makes.ad') : t('sources.makes.ldap'),
        }))}
      />
    </SourceFields>
  );
}

/** Changes how a directory is reached. */
export function EditSource({ source, onClose }: { source: SourceDetail; onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const { save, busy, problem } = useSave({ source, onClose });
  return (
    <SourceFields
      source={source}
      usual={source.objectClass}
      busy={busy}
      problem={problem}
      confirm={t('do.save')}
      onSave={save}
      attempt={({ name: _, ...said }) => ({ source: { sourceId: source.sourceId, ...said } })}
    />
  );
}

type Said = {
  name: string;
  settings: Connection;
  password?: string;
  base: string;
  objectClass: string;
};

function SourceFields({
  source,
  usual,
  busy,
  problem,
  confirm,
  onSave,
  attempt,
  children,
}: {
  source: SourceDetail | undefined;
  usual: string;
  busy: boolean;
  problem: ReturnType<typeof useSave>['problem'];
  confirm: string;
  onSave: (said: Said) => void;
  attempt: (said: Said) => ComponentProps<typeof TryFirst>['attempt'];
  children?: ReactNode;
}): ReactNode {
  const { t } = useTranslation();
  const [name, setName] = useState(source?.name ?? '');
  const [settings, setSettings] = useState<Connection>(
    source?.settings ?? { host: '', security: 'tls', trust: '', account: '' },
  );
  const [password, setPassword] = useState('');
  const [base, setBase] = useState(source?.base ?? '');
  const [objectClass, setObjectClass] = useState<string>();
  const set = (part: Partial<Connection>): void => setSettings({ ...settings, ...part });
  const { port, ...rest } = settings;
  const said: Said = {
    name: name.trim(),
    settings: port ? { ...rest, port } : rest,
    ...(password ? { password } : {}),
    base: base.trim(),
    objectClass: (objectClass ?? usual).trim(),
  };
  const enough = settings.host && settings.account && said.base && said.objectClass;
  const known = password || source?.hasPassword;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSave(said);
      }}
    >
      <Stack>
        {children}
        <TextInput
          label={t('sources.name')}
          required
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label={t('sources.host')}
          description={t('sources.hostHint')}
          required
          autoComplete="off"
          value={settings.host}
          onChange={(event) => set({ host: event.currentTarget.value })}
        />
        <Select
          label={t('sources.security')}
          required
          allowDeselect={false}
          value={settings.security}
          onChange={(one) => set({ security: ways.find((way) => way === one) ?? 'tls' })}
          data={[
            { value: 'tls', label: t('sources.way.tls') },
            { value: 'starttls', label: t('sources.way.starttls') },
            { value: 'clear', label: t('sources.way.clear') },
          ]}
        />
        <TextInput
          label={t('sources.account')}
          description={t('sources.accountHint')}
          required
          autoComplete="off"
          value={settings.account}
          onChange={(event) => set({ account: event.currentTarget.value })}
        />
        <PasswordInput
          label={t('sources.password')}
          description={
            source?.hasPassword
              ? source.gavePassword
                ? t('targets.secretKept')
                : t('sources.passwordOfAnother')
              : t('targets.secretHint')
          }
          required={!source?.hasPassword}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': t('targets.showSecret') }}
        />
        <TextInput
          label={t('sources.base')}
          description={t('sources.baseHint')}
          required
          autoComplete="off"
          value={base}
          onChange={(event) => setBase(event.currentTarget.value)}
        />
        <TextInput
          label={t('sources.objectClass')}
          description={t('sources.objectClassHint')}
          required
          autoComplete="off"
          value={objectClass ?? usual}
          onChange={(event) => setObjectClass(event.currentTarget.value)}
        />
        <Fold label={t('sources.more')}>
          <NumberInput
            label={t('sources.port')}
            description={t('sources.portHint')}
            min={1}
            max={65_535}
            hideControls
            value={port ?? ''}
            onChange={(one) => {
              const { port: _, ...others } = settings;
              setSettings(Number(one) ? { ...others, port: Number(one) } : others);
            }}
          />
          <Textarea
            label={t('sources.trust')}
            description={t('sources.trustHint')}
            autosize
            minRows={3}
            maxRows={10}
            value={settings.trust}
            onChange={(event) => set({ trust: event.currentTarget.value })}
          />
        </Fold>
        {source ? null : <Text size="sm">{t('sources.nothingYet')}</Text>}
        <TryFirst attempt={attempt(said)} blocked={enough && known ? false : t('sources.tryNeeds')} />
        <ActProblem problem={problem} />
        <GiveButton type="submit" blocked={false} loading={busy}>
          {confirm}
        </GiveButton>
      </Stack>
    </form>
  );
}
