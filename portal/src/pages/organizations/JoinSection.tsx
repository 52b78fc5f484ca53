import { Button, Group, Stack, Switch, Text, Textarea } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { CopyField } from '../../parts/CopyField.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { Organization } from './organization.ts';

/** Whether strangers can ask to join here, on a page of its own, and its address to hand on. */
export function JoinSection({ organization }: { organization: Organization }): ReactNode {
  const { t } = useTranslation();
  const query = useRead('registration.read', { organizationId: organization.id });
  return (
    <Section title={t('joinPage.title')}>
      <Loaded query={query} notAllowed={t('state.notAllowedPage')} empty="never">
        {(page) => <JoinPage key={page.version} organization={organization} page={page} />}
      </Loaded>
    </Section>
  );
}

function JoinPage({
  organization,
  page,
}: {
  organization: Organization;
  page: Output<'registration.read'>;
}): ReactNode {
  const { t } = useTranslation();
  const [words, setWords] = useState(page.words);
  const update = useChange('registration.update', ({ open }) => {
    sayDone(open === page.open ? t('joinPage.saved') : open ? t('joinPage.opened') : t('joinPage.closed'));
  });
  const may = organization.may.includes('organization.update') && !organization.off;
  if (!may) return <Text size="sm">{page.open ? t('joinPage.isOpen') : t('joinPage.isClosed')}</Text>;
  const save = (to: { open: boolean; words?: string }): void =>
    update.mutate({ organizationId: organization.id, ifVersion: page.version, ...to });
  return (
    <Stack gap="sm" maw={620}>
      <Switch
        label={t('joinPage.switch')}
        description={t('joinPage.hint')}
        checked={update.isPending ? update.variables.open === true : page.open}
        disabled={update.isPending}
        onChange={(event) => save({ open: event.currentTarget.checked })}
      />
      {page.open ? (
        <>
          <CopyField label={t('joinPage.address')} value={page.url} />
          <Textarea
            label={t('joinPage.words')}
            description={t('joinPage.wordsHint')}
            value={words}
            onChange={(event) => setWords(event.currentTarget.value)}
            autosize
            minRows={2}
            maxLength={2000}
          />
          {words === page.words ? null : (
            <Group>
              <Button
                size="xs"
                loading={update.isPending}
                onClick={() => save({ open: true, words: words.trim() })}
              >
                {t('action.save')}
              </Button>
            </Group>
          )}
        </>
      ) : null}
      <ActProblem problem={update.error} tried={{ organizationId: organization.id }} />
    </Stack>
  );
}
