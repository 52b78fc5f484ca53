import { Alert, Button, Group, Paper, SegmentedControl, Stack, Text, Textarea } from '@mantine/core';
import { IconMessageQuestion } from '@tabler/icons-react';
import { type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { moment } from '../../i18n/dates.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { OneRequest } from './one-request.ts';

/** What was said between those who ask and those who decide, and the place to say more. */
export function Talk({ request }: { request: OneRequest }): ReactNode {
  const { t } = useTranslation();
  return (
    <Stack>
      {request.said.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('talk.nothing')}
        </Text>
      ) : (
        <Stack
          component="ul"
          gap="xs"
          m={0}
          p={0}
          style={{ listStyle: 'none' }}
          aria-label={t('requestPage.talk')}
        >
          {request.said.map((one) => (
            <Paper component="li" withBorder p="sm" key={`${one.at} ${one.kind}`}>
              <Text size="sm" c="dimmed">
                {t(`talk.kind.${one.kind}`, {
                  name: one.mine ? t('talk.you') : (one.by ?? t('talk.somebody')),
                  when: moment(one.at),
                })}
              </Text>
              {one.text ? (
                <Text style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>{one.text}</Text>
              ) : null}
            </Paper>
          ))}
        </Stack>
      )}
      {request.state === 'open' ? <Say request={request} /> : null}
    </Stack>
  );
}

/** A comment by anybody who takes part; a question by those who decide, to whoever asked. */
function Say({ request }: { request: OneRequest }): ReactNode {
  const { t } = useTranslation();
  const [kind, setKind] = useState<'comment' | 'question'>('comment');
  const [words, setWords] = useState('');
  const said = (): void => {
    setWords('');
    sayDone(t(`talk.sent.${kind}`));
  };
  const comment = useChange('request.comment', said);
  const question = useChange('request.question', said);
  const id = useId();
  const { requestId } = request;
  const act = kind === 'question' ? question : comment;
  return (
    <form
      aria-labelledby={id}
      onSubmit={(event) => {
        event.preventDefault();
        act.mutate({ requestId, words });
      }}
    >
      <Stack gap="xs">
        {request.mayDecide && request.kind !== 'account' ? (
          <SegmentedControl
            aria-label={t('talk.which')}
            value={kind}
            onChange={(to) => setKind(to === 'question' ? 'question' : 'comment')}
            data={(['comment', 'question'] as const).map((value) => ({
              value,
              label: t(`talk.as.${value}`),
            }))}
          />
        ) : null}
        <Textarea
          label={<span id={id}>{t(`talk.label.${kind}`)}</span>}
          description={t(`talk.hint.${kind}`)}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          autosize
          minRows={2}
          maxLength={2000}
          required
        />
        <Group>
          <Button type="submit" variant="default" loading={act.isPending}>
            {t(`talk.send.${kind}`)}
          </Button>
        </Group>
        <ActProblem problem={act.error} />
      </Stack>
    </form>
  );
}

/** A question waits for the reader: it goes on when they answer, or by itself. */
export function Answer({ request }: { request: OneRequest }): ReactNode {
  const { t } = useTranslation();
  const [words, setWords] = useState('');
  const answer = useChange('request.answer', () => sayDone(t('talk.sent.answer')));
  const asked = request.said.findLast(({ kind }) => kind === 'question');
  return (
    <Alert
      icon={<IconMessageQuestion aria-hidden />}
      variant="outline"
      color="orange"
      c="inherit"
      title={t('talk.asksYou')}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          answer.mutate({ requestId: request.requestId, words });
        }}
      >
        <Stack gap="xs">
          {asked ? <Text style={{ overflowWrap: 'anywhere' }}>“{asked.text}”</Text> : null}
          {request.pausedUntil ? (
            <Text size="sm">{t('talk.goesOn', { when: moment(request.pausedUntil) })}</Text>
          ) : null}
          <Textarea
            label={t('talk.answer')}
            value={words}
            onChange={(event) => setWords(event.currentTarget.value)}
            autosize
            minRows={2}
            maxLength={2000}
            required
          />
          <Group>
            <Button type="submit" loading={answer.isPending}>
              {t('talk.send.answer')}
            </Button>
          </Group>
          <ActProblem problem={answer.error} />
        </Stack>
      </form>
    </Alert>
  );
}
