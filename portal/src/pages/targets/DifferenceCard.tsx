import { Badge, Checkbox, Group, Stack, Table, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import { moment } from '../../i18n/dates.ts';
import { Card } from '../../page/CardList.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { ActButton, GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { ConsequenceDialog } from '../../parts/ConsequenceDialog.tsx';
import { FormDialog } from '../../parts/FormDialog.tsx';
import { TextLink } from '../../parts/links.tsx';
import { PersonPicker } from '../../parts/PersonPicker.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { ChooseOfTwo } from './ChooseOfTwo.tsx';
import type { Difference } from './difference.ts';
import type { TargetDetail } from './target.ts';

const steps = ['enable', 'disable', 'delete', 'create', 'roles'] as const;

/** One difference: what is there, what should be, and what can be done about it. */
export function DifferenceCard({
  difference: one,
  target,
  blocked,
  chosen,
  onChoose,
}: {
  difference: Difference;
  target: TargetDetail;
  blocked: false | string;
  chosen: boolean;
  onChoose: (yes: boolean) => void;
}): ReactNode {
  const { t } = useTranslation();
  const [looked, setLooked] = useState(false);
  const name = one.displayName ?? one.externalId ?? '';
  const differing = one.fields.map((field) => {
    const step = steps.find((other) => other === field);
    return step
      ? t(`differences.step.${step}`)
      : (target.values.find(({ key }) => key === field)?.label ?? field);
  });
  const off = (one.kind === 'orphan' || one.kind === 'double') && one.fields.includes('disable');
  return (
    <Card
      name={name}
      title={
        <Group gap="xs" wrap="nowrap">
          {one.settledAt === null ? (
            <Checkbox
              aria-label={t('differences.chooseOne', { name })}
              checked={chosen}
              onChange={(event) => onChoose(event.currentTarget.checked)}
              disabled={blocked !== false}
            />
          ) : null}
          {one.membershipId ? (
            <TextLink
              to="/people/$membershipId"
              params={{ membershipId: one.membershipId }}
              fw={600}
              style={{ overflowWrap: 'anywhere' }}
            >
              {name}
            </TextLink>
          ) : (
            <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
              {name}
            </Text>
          )}
        </Group>
      }
      beside={
        <Badge variant="outline" color="gray" c="inherit" tt="none">
          {t(`differences.kind.${one.kind}`)}
        </Badge>
      }
      facts={[
        one.kind === 'drift'
          ? t('differences.differs', { what: differing.join(', ') })
          : t(`differences.says.${one.kind}`),
        one.externalIds.length > 0 ? t('differences.calledThere', { ids: one.externalIds.join(', ') }) : null,
        off ? (one.kind === 'double' ? t('differences.besideIsOff') : t('differences.isOff')) : null,
        one.ours ? t('differences.ours') : null,
        one.planned && one.settledAt === null ? t(`differences.planned.${one.planned}`) : null,
        one.problem && one.settledAt === null ? t('differences.notDone') : null,
        one.settledHow && one.settledAt
          ? t(`differences.settled.${one.settledHow}`, { when: moment(one.settledAt) })
          : null,
      ]}
      acts={
        <>
          <ActButton
            size="xs"
            variant="default"
            blocked={blocked}
            aria-expanded={looked}
            aria-label={t('differences.lookOf', { name })}
            onClick={() => setLooked(!looked)}
          >
            {t('differences.look')}
          </ActButton>
          {one.settledAt === null ? (
            <Acts one={one} name={name} target={target} off={off} blocked={blocked} />
          ) : null}
        </>
      }
      below={looked ? <Sides differenceId={one.id} /> : null}
    />
  );
}

function Acts({
  one,
  name,
  target,
  off,
  blocked,
}: {
  one: Difference;
  name: string;
  target: TargetDetail;
  off: boolean;
  blocked: false | string;
}): ReactNode {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<'adopt' | 'disable' | 'delete'>();
  const close = (): void => setAsked(undefined);
  const taking = asked === 'delete' ? 'delete' : 'disable';
  const settle = useChange('difference.settle', (done) => {
    sayDone(
      done.settledHow
        ? t(`differences.said.${done.settledHow}`, { name })
        : t('differences.willBe', { name }),
    );
    close();
  });
  const run = (how: 'mend' | 'leave' | 'disable' | 'delete'): void =>
    settle.mutate({ differenceId: one.id, how });
  const labelled = (how: 'mend' | 'adopt' | 'leave' | 'disable' | 'delete') => ({
    size: 'xs' as const,
    blocked,
    loading: settle.isPending,
    'aria-label': t(`differences.howOf.${how}`, { name }),
  });
  return (
    <>
      {one.kind === 'missing' || one.kind === 'drift' ? (
        <ActButton {...labelled('mend')} onClick={() => run('mend')}>
          {t('differences.how.mend')}
        </ActButton>
      ) : null}
      {one.kind === 'orphan' ? (
        <>
          <ActButton {...labelled('adopt')} onClick={() => setAsked('adopt')}>
            {t('differences.how.adopt')}
          </ActButton>
          {target.can.disable && !off ? (
            <TakeButton {...labelled('disable')} onClick={() => setAsked('disable')}>
              {t('differences.how.disable')}
            </TakeButton>
          ) : null}
          {target.can.delete ? (
            <TakeButton {...labelled('delete')} onClick={() => setAsked('delete')}>
              {t('differences.how.delete')}
            </TakeButton>
          ) : null}
        </>
      ) : null}
      {one.kind === 'double' && one.planned === null ? (
        <ChooseOfTwo one={one} name={name} target={target} blocked={blocked} />
      ) : null}
      <ActButton {...labelled('leave')} variant="default" onClick={() => run('leave')}>
        {t('differences.how.leave')}
      </ActButton>
      {asked ? null : <ActProblem problem={settle.error} />}
      <FormDialog opened={asked === 'adopt'} onClose={close} title={t('differences.adoptOf', { name })}>
        <Adopt one={one} target={target} onClose={close} />
      </FormDialog>
      <ConsequenceDialog
        opened={asked === 'disable' || asked === 'delete'}
        onClose={close}
        title={t(`differences.howOf.${taking}`, { name })}
        consequence={<Text size="sm">{t('differences.takeText', { name: target.name })}</Text>}
        confirm={t(`differences.how.${taking}`)}
        onConfirm={() => (asked === 'disable' || asked === 'delete') && run(asked)}
        busy={settle.isPending}
        problem={settle.error}
      />
    </>
  );
}

function Adopt({
  one,
  target,
  onClose,
}: {
  one: Difference;
  target: TargetDetail;
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const [membershipId, setMembershipId] = useState<string | null>(null);
  const [name, setName] = useState('');
  const settle = useChange('difference.settle', () => {
    sayDone(t('differences.said.adopted', { name }));
    onClose();
  });
  return (
    <Stack>
      <Text size="sm">{t('differences.adoptText')}</Text>
      <PersonPicker
        label={t('differences.whose')}
        organizationId={target.organizationId}
        required
        value={membershipId}
        onChange={(id, person) => {
          setMembershipId(id);
          setName(person?.displayName ?? '');
        }}
      />
      <ActProblem problem={settle.error} />
      <GiveButton
        blocked={membershipId ? false : t('differences.choosePerson')}
        loading={settle.isPending}
        onClick={() => membershipId && settle.mutate({ differenceId: one.id, how: 'adopt', membershipId })}
      >
        {t('differences.adoptIt')}
      </GiveButton>
    </Stack>
  );
}

/** What stands there now beside what should, asked of the other system when it is opened. */
function Sides({ differenceId }: { differenceId: string }): ReactNode {
  const { t } = useTranslation();
  const query = useRead('difference.look', { differenceId });
  const own = { enabled: t('differences.on'), roles: t('differences.step.roles') };
  const say = (key: string, value: string | null): string =>
    value === null
      ? t('targets.nothing')
      : key === 'enabled'
        ? t(value === 'true' ? 'targets.yes' : 'targets.no')
        : value;
  return (
    <Loaded query={query} notAllowed={t('targets.notAllowed')} empty="never">
      {({ sides, there, problem }) =>
        problem !== null ? (
          <Text size="sm">{problem}</Text>
        ) : (
          <>
            {there ? null : <Text size="sm">{t('differences.notThere')}</Text>}
            {/* fixed: on a narrow screen all three columns stay in sight, and long values break */}
            <Table layout="fixed" horizontalSpacing={6} style={{ overflowWrap: 'anywhere' }}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('targets.value')}</Table.Th>
                  <Table.Th>{t('differences.there')}</Table.Th>
                  <Table.Th>{t('differences.should')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {sides.map((side) => (
                  <Table.Tr key={side.key} fw={side.differs ? 600 : undefined}>
                    <Table.Td>{side.label ?? own[side.key === 'roles' ? 'roles' : 'enabled']}</Table.Td>
                    <Table.Td>{side.hidden ? t('differences.hidden') : say(side.key, side.there)}</Table.Td>
                    <Table.Td>{side.hidden ? t('differences.hidden') : say(side.key, side.should)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </>
        )
      }
    </Loaded>
  );
}
