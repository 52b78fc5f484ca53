import { Button, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { ChangePreview, usePreviewedChange } from '../../parts/ChangePreview.tsx';
import { PersonPicker } from '../../parts/PersonPicker.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { PeopleGroup } from './people-group.ts';

/** Who is in a group; one more is put in after a look at what rules then give them. */
export function GroupPeople({ group }: { group: PeopleGroup }): ReactNode {
  const { t } = useTranslation();
  const [cursors, setCursors] = useState<string[]>([]);
  const cursor = cursors.at(-1);
  const query = useRead('group.read', { groupId: group.id, cursor, limit: 50 }, { keepPrevious: true });
  const [chosen, setChosen] = useState<{ membershipId: string; displayName: string }>();
  const add = usePreviewedChange(
    'group.add-members',
    chosen ? { groupId: group.id, membershipIds: [chosen.membershipId] } : undefined,
    () => {
      sayDone(t('groups.added', { name: chosen?.displayName ?? '', group: group.name }));
      setChosen(undefined);
    },
  );
  const remove = useChange('group.remove-members');
  return (
    <Loaded query={query} notAllowed={t('groups.notAllowed')} empty="never">
      {({ count, members, may }) => {
        const blocked = may.includes('group.configure') ? false : t('groups.mayNot');
        return (
          <Stack>
            <PersonPicker
              label={t('groups.add')}
              value={chosen?.membershipId ?? null}
              known={chosen}
              organizationId={group.organizationId}
              exclude={members.items.map(({ membershipId }) => membershipId)}
              onChange={(id, one) =>
                setChosen(id && one ? { membershipId: id, displayName: one.displayName } : undefined)
              }
            />
            {chosen ? (
              <>
                <ChangePreview query={add.preview} refusal={add.refusal} tried={add.tried} />
                <ActProblem problem={add.problem} />
                <Group>
                  <GiveButton blocked={blocked || add.blocked} loading={add.busy} onClick={() => add.save()}>
                    {t('groups.addDo', { name: chosen.displayName })}
                  </GiveButton>
                </Group>
              </>
            ) : null}
            <Text size="sm" c="dimmed" role="status">
              {count === 0 ? t('groups.nobody') : t('groups.count', { count })}
            </Text>
            <ActProblem problem={remove.error} />
            <Stack
              component="ul"
              p={0}
              m={0}
              gap="xs"
              style={{ listStyle: 'none' }}
              aria-label={t('groups.people')}
            >
              {members.items.map((one) => (
                <Group component="li" key={one.membershipId} justify="space-between" wrap="nowrap">
                  <Text size="sm" style={{ minWidth: 0 }}>
                    {[one.displayName, one.title, one.organizationName].filter(Boolean).join(' · ')}
                  </Text>
                  <TakeButton
                    size="xs"
                    blocked={blocked}
                    aria-label={t('groups.removeOf', { name: one.displayName })}
                    onClick={() => remove.mutate({ groupId: group.id, membershipIds: [one.membershipId] })}
                  >
                    {t('do.remove')}
                  </TakeButton>
                </Group>
              ))}
            </Stack>
            <Group>
              {cursors.length > 0 ? (
                <Button variant="default" size="xs" onClick={() => setCursors(cursors.slice(0, -1))}>
                  {t('groups.before')}
                </Button>
              ) : null}
              {members.next ? (
                <Button variant="default" size="xs" onClick={() => setCursors([...cursors, members.next!])}>
                  {t('table.next')}
                </Button>
              ) : null}
            </Group>
          </Stack>
        );
      }}
    </Loaded>
  );
}
