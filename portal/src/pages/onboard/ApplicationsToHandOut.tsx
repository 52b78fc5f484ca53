import { Checkbox, Fieldset, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Loaded } from '../../page/Loaded.tsx';
import { useGrantable } from '../../parts/grantable.ts';

type Props = {
  /** where the choice comes from: the organization above */
  organizationId: string;
  /** undefined: untouched, all that there are */
  chosen: string[] | undefined;
  onChange: (applicationIds: string[]) => void;
};

/** All applications of the organization above, ticked; taking a tick away keeps that application from the partner. */
export function ApplicationsToHandOut({ organizationId, chosen, onChange }: Props): ReactNode {
  const { t } = useTranslation();
  const query = useGrantable(organizationId);
  return (
    <Fieldset legend={t('onboard.applications')}>
      <Loaded
        query={query}
        notAllowed={t('accessChoice.notAllowed')}
        empty={{
          when: (found) => found.applications.length === 0,
          title: t('accessChoice.none'),
          text: t('accessChoice.noneText'),
          action: null,
        }}
      >
        {({ applications }) => {
          const now = chosen ?? applications.map(({ id }) => id);
          return (
            <Stack gap="xs">
              {applications.map(({ id: applicationId, name, roles }) => (
                <Checkbox
                  key={applicationId}
                  label={name}
                  description={roles.map((role) => role.name).join(', ')}
                  checked={now.includes(applicationId)}
                  onChange={(event) =>
                    onChange(
                      event.currentTarget.checked
                        ? [...now, applicationId]
                        : now.filter((one) => one !== applicationId),
                    )
                  }
                />
              ))}
            </Stack>
          );
        }}
      </Loaded>
    </Fieldset>
  );
}
