import { Group, Paper, Select, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Item } from '../../api/types.ts';
import { GiveButton } from '../../parts/ActButton.tsx';
import { PersonPicker } from '../../parts/PersonPicker.tsx';
import { PreviewedDialog } from '../../parts/PreviewedDialog.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { Organization } from './organization.ts';

type Vacancy = Item<'delegation.vacant'>;

/** What managers who left had passed on: nobody below lost anything, and a successor can answer for it. */
export function VacantSection({ organization }: { organization: Organization }): ReactNode {
  const { t } = useTranslation();
  const query = useRead('delegation.vacant', { organizationId: organization.id });
  const items = query.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Stack component="section" aria-label={t('vacant.title')}>
      <div>
        <Title order={2}>{t('vacant.title')}</Title>
        <Text size="sm" c="dimmed">
          {t('vacant.lead')}
        </Text>
      </div>
      {items.map((vacancy) => (
        <Vacant key={vacancy.delegation.id} vacancy={vacancy} />
      ))}
    </Stack>
  );
}

const other = 'other';

function Vacant({ vacancy }: { vacancy: Vacancy }): ReactNode {
  const { t } = useTranslation();
  const { delegation, successors } = vacancy;
  const [choice, setChoice] = useState<string | null>(successors[0]?.membershipId ?? other);
  const [someone, setSomeone] = useState<string | null>(null);
  const successor = choice === other ? someone : choice;
  const [asked, setAsked] = useState(false);
  return (
    <Paper withBorder p="md" role="group" aria-label={delegation.delegate.name}>
      <Stack gap="sm">
        <Text fw={600}>{t('vacant.left', { name: delegation.delegate.name })}</Text>
        <Text size="sm">{delegation.sentence}</Text>
        <Text size="sm">
          {t('vacant.below', { count: vacancy.below })}
          {vacancy.onlyThey ? ` ${t('vacant.onlyThey')}` : ''}
        </Text>
        <Group align="flex-end">
          {successors.length > 0 ? (
            <Select
              label={t('vacant.successor')}
              data={[
                ...successors.map(({ membershipId, displayName }) => ({
                  value: membershipId,
                  label: displayName,
                })),
                { value: other, label: t('vacant.someoneElse') },
              ]}
              value={choice}
              allowDeselect={false}
              onChange={setChoice}
            />
          ) : null}
          {choice === other ? (
            <PersonPicker label={t('vacant.person')} value={someone} onChange={setSomeone} />
          ) : null}
          <GiveButton blocked={successor ? false : t('vacant.chooseFirst')} onClick={() => setAsked(true)}>
            {t('vacant.offer')}
          </GiveButton>
        </Group>
        {successor ? (
          <PreviewedDialog
            opened={asked}
            onClose={() => setAsked(false)}
            operation="delegation.hand-over"
            input={{ delegationId: delegation.id, membershipId: successor }}
            title={t('vacant.handOverTitle', { name: delegation.delegate.name })}
            text={<Text size="sm">{delegation.sentence}</Text>}
            confirm={t('vacant.offer')}
            tone="giving"
            onDone={({ moved }) => sayDone(t('vacant.done', { count: moved }))}
          />
        ) : null}
      </Stack>
    </Paper>
  );
}
