import { Alert, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Input } from '../../api/types.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Acts } from '../../parts/Acts.tsx';
import type { Organization } from './organization.ts';
import type { Who } from './WhoField.tsx';

type What = Pick<Input<'delegation.create'>, 'adminRoleId' | 'entitlements' | 'mayPassOn' | 'until'>;

type Props = {
  organization: Organization;
  who: Who | undefined;
  what: What;
  onRefused: (refused: boolean) => void;
};

/** In words of the server: what they will be able to do once this is saved. */
export function AppointPreview({ organization, who, what, onRefused }: Props): ReactNode {
  const { t } = useTranslation();
  const [steady] = useDebouncedValue(what, 150);
  const membershipId = who?.kind === 'person' ? who.membershipId : undefined;
  const preview = useRead(
    'delegation.preview',
    { organizationId: organization.id, delegate: { membershipId: membershipId ?? '' }, ...steady },
    { enabled: membershipId !== undefined },
  );
  const roles = useRead('admin-role.list', {});
  const refused = membershipId !== undefined && preview.error !== null;
  useEffect(() => onRefused(refused), [refused, onRefused]);
  if (!who) return null;
  if (who.kind === 'invite') {
    const role = roles.data?.items.find(({ id }) => id === what.adminRoleId);
    return (
      <Alert color="teal" variant="outline" c="inherit" title={t('appoint.willBeAble')} role="status">
        <Text size="sm">
          {t('appoint.inviteSentence', { email: who.email, organization: organization.name })}
        </Text>
        <Acts words={role?.permissionWords ?? []} />
      </Alert>
    );
  }
  if (preview.error)
    return <ActProblem problem={preview.error} tried={{ organizationId: organization.id }} />;
  return (
    <Alert
      color="teal"
      variant="outline"
      c="inherit"
      title={t('appoint.willBeAble')}
      role="status"
      aria-busy={preview.isFetching}
    >
      <Text size="sm">{preview.data?.sentence ?? t('state.loading')}</Text>
      <Acts words={preview.data?.permissionWords ?? []} />
    </Alert>
  );
}
