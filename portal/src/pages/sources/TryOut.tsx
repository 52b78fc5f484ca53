import { Alert, List, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import type { Problem } from '../../api/problem.ts';
import { useRead } from '../../api/queries.ts';
import type { Input, Output } from '../../api/types.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import { useFieldNames } from './field-names.ts';
import type { SourceDetail } from './source.ts';

type Person = Output<'source.try'>['first'][number];

/** Whether the directory answers, and how its first people would come in. Nothing is done. */
export function TryOut({ source }: { source: SourceDetail }): ReactNode {
  const { t } = useTranslation();
  const query = useRead('source.try', { sourceId: source.sourceId });
  return (
    <Loaded query={query} notAllowed={t('sources.notAllowed')} empty="never">
      {(tried) => <Tried tried={tried} />}
    </Loaded>
  );
}

/** Tries what a form says before it is saved: the button, and what came of it. The password stays where it was typed. */
export function TryFirst({
  attempt,
  blocked,
}: {
  attempt: { source: Input<'source.try'> } | { fresh: Input<'source.try-new'> | undefined };
  /** what is missing yet */
  blocked: string | false;
}): ReactNode {
  const { t } = useTranslation();
  const known = useTrial('source.try');
  const fresh = useTrial('source.try-new');
  const asked = 'source' in attempt ? known : fresh;
  return (
    <>
      <ActButton
        variant="default"
        blocked={blocked}
        loading={asked.isPending}
        onClick={() => {
          if ('source' in attempt) known.mutate(attempt.source);
          else if (attempt.fresh) fresh.mutate(attempt.fresh);
        }}
      >
        {t('sources.try')}
      </ActButton>
      <ActProblem problem={asked.error} />
      <div aria-live="polite">{asked.data ? <Tried tried={asked.data} /> : null}</div>
    </>
  );
}

/** Kept by nothing: a password is in what is asked. */
const useTrial = <Name extends 'source.try' | 'source.try-new'>(name: Name) =>
  useMutation<Output<Name>, Problem, Input<Name>>({
    mutationFn: (input) => call(name, input),
    gcTime: 0,
  });

function Tried({ tried }: { tried: Output<'source.try'> }): ReactNode {
  const { t } = useTranslation();
  const nameOf = useFieldNames();
  const said = ({ fields, organizationName, known, off }: Person): string[] => [
    ...Object.entries(fields)
      .filter(([field, value]) => field !== 'name' && value !== '')
      .map(([field, value]) => t('peopleImport.becomes', { field: nameOf(field), becomes: value })),
    organizationName === null
      ? t('sources.nowhere')
      : t('sources.belongsTo', { organization: organizationName }),
    known ? t('sources.known') : t('sources.isNew'),
    ...(off ? [t('sources.offThere')] : []),
  ];
  const { problem, encrypted, people, more, off, first, groups } = tried;
  return problem !== null ? (
    <Alert color="yellow" variant="outline" c="inherit" title={t('sources.notRead')}>
      {problem}
    </Alert>
  ) : (
    <Stack>
      <Alert
        color={encrypted ? 'green' : 'yellow'}
        variant="outline"
        c="inherit"
        title={t('sources.answersWell')}
      >
        {encrypted ? t('sources.encrypted') : t('sources.clear')}
      </Alert>
      <Text size="sm">
        {more ? t('sources.foundMore', { count: people }) : t('sources.found', { count: people })}{' '}
        {off > 0 ? t('sources.foundOff', { count: off }) : null}
      </Text>
      {groups.map(({ group, members }) => (
        <Text key={group} size="sm" style={{ overflowWrap: 'anywhere' }}>
          {t('sources.inGroup', { group, count: members })}
        </Text>
      ))}
      <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: 'none' }}>
        {first.map((one, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: as the directory gave them, nothing else tells them apart
          <li key={n}>
            <Text fw={600}>{one.fields.name || t('sources.noName')}</Text>
            <List size="sm" style={{ overflowWrap: 'anywhere' }}>
              {said(one).map((text) => (
                <List.Item key={text}>{text}</List.Item>
              ))}
            </List>
          </li>
        ))}
      </Stack>
    </Stack>
  );
}
