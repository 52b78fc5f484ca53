import { Badge, NativeSelect, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem, type Problem } from '../../api/problem.ts';
import { useChange } from '../../api/queries.ts';
import { Card, CardList } from '../../page/CardList.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { PreviewedDialog } from '../../parts/PreviewedDialog.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { Application } from './application.ts';
import {
  firstRole,
  type NewRole,
  type RiskClass,
  RolesFields,
  riskClasses,
  toRoles,
} from './RolesFields.tsx';

type Role = Application['roles'][number];

export function RolesOfApplication({
  application,
  blocked,
}: {
  application: Application;
  blocked: string | false;
}): ReactNode {
  const { t } = useTranslation();
  const [adding, setAdding] = useState<NewRole[]>();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [retiring, setRetiring] = useState<Role>();
  const add = useChange('application.add-role');
  const save = async (): Promise<void> => {
    setProblem(null);
    try {
      // one after another: which one was refused has to be clear
      for (const role of toRoles(adding ?? []))
        await add.mutateAsync({ applicationId: application.id, ...role });
      setAdding(undefined);
    } catch (error) {
      if (!isProblem(error)) throw error;
      setProblem(error);
    }
  };
  return (
    <Stack>
      <CardList label={t('applications.roles')} gap="xs">
        {application.roles.map((role) => (
          <Card
            key={role.entitlementId}
            name={role.name}
            facts={[role.key, role.description]}
            beside={<RiskBadge risk={role.risk} />}
            acts={
              role.state === 'retired' ? (
                <Badge color="gray.7">{t('applications.states.retired')}</Badge>
              ) : (
                <>
                  {blocked === false ? <RiskOfRole role={role} /> : null}
                  <TakeButton
                    size="xs"
                    blocked={blocked}
                    aria-label={t('applications.retireRoleOf', { role: role.name })}
                    onClick={() => setRetiring(role)}
                  >
                    {t('applications.retireRole')}
                  </TakeButton>
                </>
              )
            }
          />
        ))}
      </CardList>
      {adding ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          <Stack>
            <RolesFields roles={adding} onChange={setAdding} />
            <ActProblem problem={problem} />
            <GiveButton
              type="submit"
              loading={add.isPending}
              blocked={toRoles(adding).length > 0 ? false : t('applications.nameRole')}
              style={{ alignSelf: 'flex-start' }}
            >
              {t('applications.saveRoles')}
            </GiveButton>
          </Stack>
        </form>
      ) : (
        <GiveButton
          blocked={blocked}
          onClick={() => setAdding([firstRole])}
          style={{ alignSelf: 'flex-start' }}
        >
          {t('applications.addRole')}
        </GiveButton>
      )}
      {retiring ? (
        <PreviewedDialog
          opened
          onClose={() => setRetiring(undefined)}
          operation="entitlement.retire"
          input={{ entitlementId: retiring.entitlementId }}
          title={t('applications.retireRoleOf', { role: retiring.name })}
          text={<Text size="sm">{t('applications.retireRoleText')}</Text>}
          confirm={t('applications.retireRole')}
          onDone={() => sayDone(t('applications.roleRetired', { role: retiring.name }))}
        />
      ) : null}
    </Stack>
  );
}

/** What is as usual needs no badge. */
function RiskBadge({ risk }: { risk: RiskClass }): ReactNode {
  const { t } = useTranslation();
  if (risk === 'normal') return null;
  return (
    <Badge
      variant="outline"
      color={risk === 'high' ? 'red' : 'gray'}
      c={risk === 'high' ? undefined : 'inherit'}
      tt="none"
    >
      {t(`policy.riskBadge.${risk}`)}
    </Badge>
  );
}

/** Changed at once: it can be changed back just so. */
function RiskOfRole({ role }: { role: Role }): ReactNode {
  const { t } = useTranslation();
  const update = useChange('entitlement.update', ({ name, risk }) =>
    sayDone(t('policy.riskSaved', { role: name, risk: t(`policy.risk.${risk}`) })),
  );
  return (
    <Stack gap={4}>
      <NativeSelect
        size="xs"
        aria-label={t('policy.riskOf', { role: role.name })}
        value={role.risk}
        onChange={(event) =>
          update.mutate({ entitlementId: role.entitlementId, risk: event.currentTarget.value as RiskClass })
        }
        data={riskClasses.map((risk) => ({
          value: risk,
          label: `${t('policy.riskLabel')}: ${t(`policy.risk.${risk}`)}`,
        }))}
      />
      <ActProblem problem={update.error} />
    </Stack>
  );
}
