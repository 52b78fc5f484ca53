import { Checkbox, Radio, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Loaded } from '../page/Loaded.tsx';
import { useGrantable } from './grantable.ts';

/** `same`: all that the giver may hand out; or applications. */
export type HandOut = 'same' | { applicationIds: string[] };

type Props = {
  label: string;
  organizationId: string;
  value: HandOut;
  onChange: (handOut: HandOut) => void;
  /** what the organization itself may hand out: its present limit, perhaps an ended one, does not bound the choice */
  ofOrganization?: boolean;
};

/** Which applications somebody may hand out: all of mine, or some. */
export function HandOutChoice({ label, organizationId, value, onChange, ofOrganization }: Props): ReactNode {
  const { t } = useTranslation();
  const query = useGrantable(organizationId, { toHandOut: ofOrganization ?? false });
  return (
    <Stack gap="xs">
      <Radio.Group
        label={label}
        value={value === 'same' ? 'same' : 'some'}
        onChange={(way) => onChange(way === 'same' ? 'same' : { applicationIds: [] })}
      >
        <Stack gap="xs" mt={4}>
          <Radio value="same" label={t('handOutChoice.same')} />
          <Radio value="some" label={t('handOutChoice.some')} />
        </Stack>
      </Radio.Group>
      {value === 'same' ? null : (
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
          {(grantable) => (
            <Stack gap="xs" pl="lg" role="group" aria-label={t('handOutChoice.applications')}>
              {grantable.applications.map((application) => (
                <Checkbox
                  key={application.id}
                  label={application.name}
                  checked={value.applicationIds.includes(application.id)}
                  onChange={(event) =>
                    onChange({
                      applicationIds: event.currentTarget.checked
                        ? [...value.applicationIds, application.id]
                        : value.applicationIds.filter((id) => id !== application.id),
                    })
                  }
                />
              ))}
            </Stack>
          )}
        </Loaded>
      )}
    </Stack>
  );
}
