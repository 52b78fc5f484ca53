import { Group, List, Stack, Text, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { noTerms, TermsFold, toInput } from './Terms.tsx';
import { Verdicts } from './Verdicts.tsx';

type Props = { organizationId: string; organizationName: string };
type Result = Output<'invitation.create'>['results'][number];

/** As many as one call takes; the rest stays in the box for the next. */
const mostAtOnce = 500;

/** Paste anything; each line says what will happen to it. What was sent leaves the box, what was not stays. */
export function InviteManyForm({ organizationId, organizationName }: Props): ReactNode {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [terms, setTerms] = useState(noTerms);
  const [steady] = useDebouncedValue(text, 300);
  const [done, setDone] = useState<{ sent: number; refused: Result[] }>();
  const check = useRead(
    'invitation.check',
    { organizationId, text: steady },
    { enabled: steady.trim() !== '', keepPrevious: true },
  );
  const people = steady.trim() === '' ? [] : (check.data?.people ?? []);
  const good = people.filter((person) => person.verdict === 'will-invite');
  const upToDate = steady === text && !check.isPlaceholderData && !check.isFetching;
  const invite = useChange('invitation.create', ({ results }) => {
    const sent = new Set(results.filter((result) => result.ok).map((result) => result.email));
    setDone({ sent: sent.size, refused: results.filter((result) => !result.ok) });
    setText(
      people
        .filter((person) => !(person.verdict === 'will-invite' && sent.has(person.email ?? '')))
        .map((person) => person.text)
        .join('\n'),
    );
  });
  const blocked =
    text.trim() === ''
      ? t('invite.pasteFirst')
      : !upToDate
        ? t('invite.checking')
        : good.length === 0
          ? t('invite.noneGood')
          : false;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setDone(undefined);
        invite.mutate({
          organizationId,
          people: good
            .slice(0, mostAtOnce)
            .map(({ email, name }) => ({ email: email ?? '', ...(name ? { displayName: name } : {}) })),
          ...toInput(terms),
        });
      }}
    >
      <Stack>
        <Textarea
          label={t('invite.paste')}
          description={t('invite.pasteHint')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autosize
          minRows={6}
          maxRows={14}
          autoFocus
          spellCheck={false}
          styles={{ input: { fontFamily: 'ui-monospace, monospace' } }}
        />
        {people.length > 0 ? <Verdicts people={people} /> : null}
        <TermsFold organizationId={organizationId} value={terms} onChange={setTerms} withMessage />
        <ActProblem problem={check.error ?? invite.error} />
        <Group>
          <GiveButton type="submit" blocked={blocked} loading={invite.isPending}>
            {t('invite.doMany', { count: Math.min(good.length, mostAtOnce) })}
          </GiveButton>
        </Group>
        {done ? (
          <div role="status">
            <Text size="sm">
              {t('invite.manySent', { count: done.sent, organization: organizationName })}
              {text.trim() ? ` ${t('invite.keptInBox')}` : ''}{' '}
              <ButtonLink to="/invitations" search={{ organizationId }} variant="subtle" size="compact-sm">
                {t('invite.seeAll')}
              </ButtonLink>
            </Text>
            <List size="sm">
              {done.refused.map((result) => (
                <List.Item key={result.email}>
                  {result.email}: {result.refusal?.text}
                </List.Item>
              ))}
            </List>
          </div>
        ) : null}
      </Stack>
    </form>
  );
}
