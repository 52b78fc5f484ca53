import './policies.css';
import { Box, Button, Group, Menu, Pill, Select, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Permission } from '../../../../src/authority/permissions.ts';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { PersonPicker } from '../../parts/PersonPicker.tsx';
import { type Approver, isSame } from './draft.ts';
import { approverWords, type Words } from './policy-words.ts';

/** Kinds that say all by themselves, and those of which one has to be picked. */
const kinds = [
  'managers',
  'line-manager',
  'application-managers',
  'level-above',
  'owners',
  'people',
  'members',
  'holders',
] as const;
type Kind = (typeof kinds)[number];

type Props = {
  label: string;
  addLabel: string;
  value: readonly Approver[];
  words: Words;
  onChange: (value: Approver[]) => void;
  /** what somebody who was picked is called, for the words of the page */
  onNamed: (id: string, name: string) => void;
};

/** Who decides: what is chosen stands as chips; one more is chosen from a list, with a name where it needs one. */
export function ApproversField({ label, addLabel, value, words, onChange, onNamed }: Props): ReactNode {
  const { t } = useTranslation();
  const [picking, setPicking] = useState<Kind>();
  const add = (one: Approver): void => {
    setPicking(undefined);
    if (!value.some((other) => isSame(one, other))) onChange([...value, one]);
  };
  const choose = (kind: Kind): void => {
    if (kind === 'people' || kind === 'members' || kind === 'holders') setPicking(kind);
    else add({ kind });
  };
  const person = (id: string): void => {
    const named = value.find((one) => one.kind === 'people');
    const ids = named?.kind === 'people' ? named.membershipIds : [];
    setPicking(undefined);
    if (!ids.includes(id))
      onChange([
        ...value.filter((one) => one.kind !== 'people'),
        { kind: 'people', membershipIds: [...ids, id] },
      ]);
  };
  return (
    <Box role="group" aria-label={label}>
      <Stack gap="xs">
        <Text size="sm" fw={600}>
          {label}
        </Text>
        {value.length > 0 ? (
          <Group gap={6}>
            {value.flatMap((one) =>
              apart(one).map((single) => {
                const who = approverWords(words, single);
                return (
                  <Pill
                    key={JSON.stringify(single)}
                    size="md"
                    className="policy-chip"
                    withRemoveButton
                    onRemove={() => onChange(without(value, single))}
                    removeButtonProps={{
                      'aria-label': t('policy.dropWho', { who }),
                      'aria-hidden': false,
                      tabIndex: 0,
                    }}
                  >
                    {who}
                  </Pill>
                );
              }),
            )}
          </Group>
        ) : picking ? null : (
          <Text size="sm" c="dimmed">
            {t('policy.nobodyYet')}
          </Text>
        )}
        {picking ? (
          // Where its chip will stand, and set off from the fields of the step.
          <Group gap="xs" align="flex-end" className="policy-picking">
            <Box flex="1 1 180px" miw={0} ref={intoField}>
              {picking === 'people' ? (
                <PersonPicker
                  label={t('policy.pick.people')}
                  value={null}
                  onChange={(id, one) => {
                    if (!id) return;
                    if (one) onNamed(id, one.displayName);
                    person(id);
                  }}
                />
              ) : null}
              {picking === 'members' ? (
                <OrganizationPicker
                  label={t('policy.pick.members')}
                  value={null}
                  onChange={(id, one) => {
                    if (!id) return;
                    if (one) onNamed(id, one.name);
                    add({ kind: 'members', organizationId: id });
                  }}
                />
              ) : null}
              {picking === 'holders' ? (
                <Select
                  label={t('policy.pick.holders')}
                  value={null}
                  searchable
                  onChange={(permission) => {
                    if (permission) add({ kind: 'holders', permission: permission as Permission });
                  }}
                  data={[...words.permissions].map(([name, text]) => ({ value: name, label: text }))}
                />
              ) : null}
            </Box>
            <Button variant="default" onClick={() => setPicking(undefined)}>
              {t('action.cancel')}
            </Button>
          </Group>
        ) : (
          <Menu position="bottom-start" withinPortal>
            <Menu.Target>
              <Button
                variant="default"
                size="xs"
                leftSection={<IconPlus size={16} aria-hidden />}
                style={{ alignSelf: 'flex-start' }}
              >
                {addLabel}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {kinds.map((kind) => (
                <Menu.Item key={kind} onClick={() => choose(kind)}>
                  {t(`policy.choice.${kind}`)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )}
      </Stack>
    </Box>
  );
}

/** Whoever chose to pick one goes on typing. */
const intoField = (box: HTMLDivElement | null): void => box?.querySelector('input')?.focus();

/** People are one approver and as many chips. */
const apart = (one: Approver): Approver[] =>
  one.kind === 'people' ? one.membershipIds.map((id) => ({ kind: 'people', membershipIds: [id] })) : [one];

function without(all: readonly Approver[], single: Approver): Approver[] {
  return all.flatMap((one): Approver[] => {
    if (single.kind !== 'people') return isSame(one, single) ? [] : [one];
    if (one.kind !== 'people') return [one];
    const left = one.membershipIds.filter((id) => !single.membershipIds.includes(id));
    return left.length > 0 ? [{ kind: 'people', membershipIds: left }] : [];
  });
}
