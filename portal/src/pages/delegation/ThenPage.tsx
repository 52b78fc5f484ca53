import { Alert, List, Select, Stack, Text, TextInput } from '@mantine/core';
import { useSearch } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Permission } from '../../../../src/authority/permissions.ts';
import { call } from '../../api/client.ts';
import { isProblem, type Problem } from '../../api/problem.ts';
import { useRead } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import type { Output } from '../../api/types.ts';
import { day, isoDay } from '../../i18n/dates.ts';
import { Page } from '../../page/Page.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { PersonPicker } from '../../parts/PersonPicker.tsx';
import { usePermissionWords } from './permission-words.ts';

type Answer = Output<'decision.at'>;

/** "Could they do this on that day, and why": answered from the trail. */
export function ThenPage(): ReactNode {
  const { t } = useTranslation();
  const { membership, user } = useSession();
  const { membershipId } = useSearch({ from: '/shell/then' });
  const [who, setWho] = useState(membershipId ?? membership.id);
  const [permission, setPermission] = useState<Permission>('user.invite');
  const [place, setPlace] = useState<{ id: string; name: string }>();
  const [at, setAt] = useState(isoDay());
  const [time, setTime] = useState('12:00');
  const [answer, setAnswer] = useState<Answer>();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const words = usePermissionWords();
  const known = useRead(
    'membership.read',
    { membershipId: membershipId ?? '' },
    { enabled: membershipId !== undefined },
  );
  const forget = (): void => {
    setAnswer(undefined);
    setProblem(null);
  };
  const ask = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    forget();
    setBusy(true);
    // a moment that is still to come today means now
    const asked = new Date(`${at}T${time}`);
    const instant = asked.getTime() > Date.now() ? new Date() : asked;
    try {
      setAnswer(
        await call('decision.at', {
          membershipId: who,
          permission,
          organizationId: place?.id,
          at: instant.toISOString(),
        }),
      );
    } catch (error) {
      if (!isProblem(error)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Page title={t('then.title')} lead={t('then.lead')}>
      <form onSubmit={ask}>
        <Stack maw={640}>
          <Section title={t('then.question')}>
            <PersonPicker
              label={t('then.who')}
              required
              value={who}
              known={
                known.data
                  ? { membershipId: known.data.membershipId, displayName: known.data.user.displayName }
                  : { membershipId: membership.id, displayName: user.displayName }
              }
              onChange={(id) => {
                forget();
                if (id) setWho(id);
              }}
            />
            <Select
              label={t('then.what')}
              searchable
              allowDeselect={false}
              value={permission}
              onChange={(to) => {
                forget();
                if (to) setPermission(to as Permission);
              }}
              data={[...words].map(([value, label]) => ({ value, label }))}
            />
            <OrganizationPicker
              label={t('then.where')}
              description={t('then.whereHint')}
              value={place?.id ?? null}
              known={place}
              onChange={(_, organization) => {
                forget();
                setPlace(organization);
              }}
            />
            <TextInput
              type="date"
              label={t('then.day')}
              max={isoDay()}
              required
              value={at}
              onChange={(event) => {
                forget();
                setAt(event.currentTarget.value);
              }}
            />
            <TextInput
              type="time"
              label={t('then.time')}
              required
              value={time}
              onChange={(event) => {
                forget();
                setTime(event.currentTarget.value);
              }}
            />
            <div>
              <ActButton type="submit" loading={busy} blocked={at ? false : t('then.chooseDay')}>
                {t('then.ask')}
              </ActButton>
            </div>
          </Section>
          <ActProblem problem={problem} />
          {answer ? <AnswerOf answer={answer} /> : null}
        </Stack>
      </form>
    </Page>
  );
}

function AnswerOf({ answer }: { answer: Answer }): ReactNode {
  const { t } = useTranslation();
  return (
    <Alert
      role="status"
      variant="outline"
      c="inherit"
      color={answer.effect === 'permit' ? 'teal' : 'gray'}
      title={answer.effect === 'permit' ? t('then.yes') : t('then.no')}
    >
      <Text size="sm">{answer.sentence}</Text>
      {answer.because.length > 0 ? (
        <List size="sm" mt="xs" spacing={4} aria-label={t('then.chain')}>
          {answer.because.map((link, index) => (
            <List.Item key={link.delegationId ?? `${index} ${link.who}`}>
              {[
                link.who,
                link.givenBy ? t('managers.givenBy', { name: link.givenBy }) : '',
                link.firstDay ? t('managers.from', { day: day(link.firstDay) }) : '',
                link.lastDay ? t('managers.until', { day: day(link.lastDay) }) : '',
              ]
                .filter(Boolean)
                .join(' · ')}
            </List.Item>
          ))}
        </List>
      ) : null}
    </Alert>
  );
}
