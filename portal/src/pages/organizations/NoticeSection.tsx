import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { catalogue } from '../../i18n/catalogue.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { Organization } from './organization.ts';

type Notice = Output<'last-day-notice.read'>;

/** How long before a last day people are told of it. */
export function NoticeSection({ organization }: { organization: Organization }): ReactNode {
  const { t } = useTranslation();
  const mayEdit = organization.may.includes('organization.update');
  const query = useRead('last-day-notice.read', { organizationId: organization.id }, { enabled: mayEdit });
  const [editing, setEditing] = useState(false);
  if (!mayEdit) return null;
  return (
    <Section
      title={t('lastDayNotice.title')}
      actions={
        editing ? null : (
          <Button variant="default" size="xs" onClick={() => setEditing(true)}>
            {t('lastDayNotice.edit')}
          </Button>
        )
      }
    >
      <Text size="sm" c="dimmed">
        {t('lastDayNotice.lead')}
      </Text>
      <Loaded query={query} notAllowed={t('organization.mayNotEdit')} empty="never">
        {(notice) =>
          editing ? (
            <NoticeForm notice={notice} onClose={() => setEditing(false)} />
          ) : (
            <Text size="sm">
              {t('lastDayNotice.sentence', { days: listed(notice.days) })}
              {' · '}
              {notice.own ? t('lastDayNotice.own') : t('lastDayNotice.inherited')}
            </Text>
          )
        }
      </Loaded>
    </Section>
  );
}

const listed = (days: readonly number[]): string =>
  new Intl.ListFormat(catalogue.language, { type: 'conjunction' }).format(days.map(String));

function NoticeForm({ notice, onClose }: { notice: Notice; onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(notice.days.join(', '));
  const save = useChange('last-day-notice.update', () => {
    sayDone(t('lastDayNotice.saved'));
    onClose();
  });
  const days = typed
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(Number);
  const right =
    days.length >= 1 && days.length <= 5 && days.every((one) => one >= 1 && one <= 365 && one % 1 === 0);
  const set = (to: number[] | null): void => save.mutate({ organizationId: notice.organizationId, days: to });
  return (
    <form
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        if (right) set(days);
      }}
    >
      <Stack gap="sm">
        <TextInput
          label={t('lastDayNotice.days')}
          description={t('lastDayNotice.daysHint')}
          inputMode="numeric"
          maw={260}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={right ? undefined : t('lastDayNotice.wrong')}
        />
        <ActProblem problem={save.error} />
        <Group gap="xs">
          <ActButton
            type="submit"
            blocked={right ? false : t('lastDayNotice.wrong')}
            loading={save.isPending}
          >
            {t('action.save')}
          </ActButton>
          {notice.own ? (
            <Button variant="default" onClick={() => set(null)} loading={save.isPending}>
              {t('lastDayNotice.asAbove')}
            </Button>
          ) : null}
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
