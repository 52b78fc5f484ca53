import { Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import type { Problem } from '../../api/problem.ts';
import { useChange, useRead } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import type { Input, Output } from '../../api/types.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { ActButton, GiveButton } from '../../parts/ActButton.tsx';
import { Fold } from '../../parts/Fold.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { ApplicationsToHandOut } from '../onboard/ApplicationsToHandOut.tsx';
import { ColumnMapping, type Mapping } from './ColumnMapping.tsx';
import { type ChosenFile, fileNames } from './chosen-files.ts';
import { Difference } from './Difference.tsx';
import { Errors } from './Errors.tsx';
import { FilesField } from './FilesField.tsx';

type Props = { organizationId: string | undefined; onStarted: (importId: string) => void };

export function TakeOverForm({ organizationId: asked, onStarted }: Props): ReactNode {
  const { t } = useTranslation();
  const { membership } = useSession();
  const own = { id: membership.organizationId, name: membership.organizationName };
  const [organizationId, setOrganizationId] = useState(asked ?? own.id);
  const known = useRead('organization.read', { organizationId }, { enabled: organizationId !== own.id });
  const [files, setFiles] = useState<ChosenFile[]>([]);
  const [applicationIds, setApplicationIds] = useState<string[]>([]);
  const [columns, setColumns] = useState<Mapping>({});
  // a dry run changes nothing, so nothing on the screen has to be read again
  const plan = useMutation<Output<'import.plan'>, Problem, Input<'import.plan'>>({
    mutationFn: (input) => call('import.plan', input),
  });
  const apply = useChange('import.apply', ({ importId }) => {
    if (importId) onStarted(importId);
  });
  const input = {
    organizationId,
    files: Object.fromEntries(files.flatMap(({ as, base64 }) => (as ? [[as, { base64 }]] : []))),
    ...(applicationIds.length > 0 ? { handOut: { applicationIds } } : {}),
    ...(Object.keys(columns).length > 0 ? { columns } : {}),
  };
  const start = (): void => {
    plan.reset();
    apply.reset();
  };
  const unclear = files.find(({ as }) => as === undefined);
  const twice = fileNames.find((name) => files.filter(({ as }) => as === name).length > 1);
  const blocked =
    files.length === 0
      ? t('takeOver.chooseFirst')
      : unclear
        ? t('takeOver.sayWhich', { file: unclear.ownName })
        : twice
          ? t('takeOver.twice', { file: twice })
          : false;
  return (
    <Stack>
      <OrganizationPicker
        label={t('takeOver.below')}
        description={t('takeOver.belowHint')}
        value={organizationId}
        known={organizationId === own.id ? own : known.data}
        onChange={(id) => {
          start();
          setOrganizationId(id ?? own.id);
        }}
      />
      <FilesField
        files={files}
        onChange={(chosen) => {
          start();
          setFiles(chosen);
        }}
      />
      <Fold label={t('takeOver.handOutMore')}>
        <Text size="sm">{t('takeOver.handOutText')}</Text>
        <ApplicationsToHandOut
          organizationId={organizationId}
          chosen={applicationIds}
          onChange={(chosen) => {
            start();
            setApplicationIds(chosen);
          }}
        />
      </Fold>
      {plan.data ? (
        <ColumnMapping errors={plan.data.errors} files={files} value={columns} onChange={setColumns} />
      ) : null}
      <ActButton
        blocked={blocked}
        variant={plan.data?.ok ? 'default' : 'filled'}
        loading={plan.isPending}
        onClick={() => plan.mutate(input)}
        style={{ alignSelf: 'flex-start' }}
      >
        {plan.data ? t('takeOver.lookAgain') : t('takeOver.look')}
      </ActButton>
      <ActProblem problem={plan.error} />
      {plan.data ? (
        plan.data.ok ? (
          <Stack component="section" aria-label={t('takeOver.difference')}>
            <Difference changes={plan.data.changes} />
            {plan.data.nothingToDo ? (
              <Text role="status">{t('takeOver.nothingToDo')}</Text>
            ) : (
              <GiveButton
                blocked={false}
                loading={apply.isPending}
                onClick={() => apply.mutate({ ...input, planHash: plan.data?.planHash ?? '' })}
                style={{ alignSelf: 'flex-start' }}
              >
                {t('takeOver.apply')}
              </GiveButton>
            )}
            <ActProblem problem={apply.error} />
          </Stack>
        ) : (
          <Errors errors={plan.data.errors} count={plan.data.errorCount} />
        )
      ) : null}
    </Stack>
  );
}
