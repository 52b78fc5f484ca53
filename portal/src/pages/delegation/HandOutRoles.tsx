import { Checkbox, Radio, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Loaded } from '../../page/Loaded.tsx';
import { useGrantable } from '../../parts/grantable.ts';
import type { Draft } from './draft.ts';

type HandOut = Draft['handOut'];
type Props = {
  label: string;
  organizationId: string | undefined;
  /** what an organization may hand out, whatever it may or may not now */
  toHandOut: boolean;
  value: HandOut;
  onChange: (handOut: HandOut) => void;
};

/** All access that the giver may hand out; or whole applications, or single roles of them. */
export function HandOutRoles({ label, organizationId, toHandOut, value, onChange }: Props): ReactNode {
  const { t } = useTranslation();
  const query = useGrantable(organizationId, { toHandOut });
  const toggle = (list: readonly string[], id: string, on: boolean): string[] =>
    on ? [...list, id] : list.filter((one) => one !== id);
  return (
    <Stack gap="xs">
      <Radio.Group
        label={label}
        value={value === 'same' ? 'same' : 'some'}
        onChange={(way) => onChange(way === 'same' ? 'same' : { applicationIds: [], entitlementIds: [] })}
      >
        <Stack gap="xs" mt={4}>
          <Radio value="same" label={t('handOutChoice.same')} />
          <Radio value="some" label={t('delegate.handOutSome')} />
        </Stack>
      </Radio.Group>
      {value === 'same' ? null : organizationId === undefined ? (
        <Text size="sm" c="dimmed">
          {t('delegate.choosePlace')}
        </Text>
      ) : (
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
            <Stack pl="lg" role="group" aria-label={t('handOutChoice.applications')}>
              {grantable.applications.map(({ id, name, roles }) => {
                const whole = value.applicationIds.includes(id);
                return (
                  <Stack key={id} gap={6}>
                    <Checkbox
                      label={t('delegations.everyRoleOf', { name })}
                      checked={whole}
                      onChange={(event) =>
                        onChange({
                          applicationIds: toggle(value.applicationIds, id, event.currentTarget.checked),
                          entitlementIds: value.entitlementIds.filter(
                            (one) => !roles.some(({ entitlementId }) => entitlementId === one),
                          ),
                        })
                      }
                    />
                    {whole
                      ? null
                      : roles.map((role) => (
                          <Checkbox
                            key={role.entitlementId}
                            ms="lg"
                            label={t('access.roleOf', { role: role.name, application: name })}
                            checked={value.entitlementIds.includes(role.entitlementId)}
                            onChange={(event) =>
                              onChange({
                                ...value,
                                entitlementIds: toggle(
                                  value.entitlementIds,
                                  role.entitlementId,
                                  event.currentTarget.checked,
                                ),
                              })
                            }
                          />
                        ))}
                  </Stack>
                );
              })}
            </Stack>
          )}
        </Loaded>
      )}
    </Stack>
  );
}
