import { Button, List, Popover, Stack, Text } from '@mantine/core';
import { IconHelpCircle } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Permission } from '../../../src/authority/permissions.ts';
import { useRead } from '../api/queries.ts';
import type { Output } from '../api/types.ts';
import { catalogue } from '../i18n/catalogue.ts';
import { Loaded } from '../page/Loaded.tsx';

type Question =
  /** answered already, in sentences of the server */
  | { about: 'access'; sentences: readonly string[] }
  /** why may I (not) do this here? */
  | {
      about: 'act';
      permission: Permission;
      organizationId?: string;
      membershipId?: string;
      entitlementId?: string;
    };

/** "Why?" beside an access or a refusal: which link, whose, from when to when, in sentences of the server. */
export function Why({ question, label }: { question: Question; label: string }): ReactNode {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      width={340}
      position="bottom-start"
      withArrow
      shadow="md"
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconHelpCircle size={16} aria-hidden />}
          aria-label={t('why.label', { what: label })}
          onClick={() => setOpened((was) => !was)}
        >
          {t('why.ask')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('why.label', { what: label })}>
        {opened ? (
          question.about === 'access' ? (
            <Sentences words={question.sentences} />
          ) : (
            <ActAnswer {...question} />
          )
        ) : null}
      </Popover.Dropdown>
    </Popover>
  );
}

function ActAnswer({ about: _, ...input }: Extract<Question, { about: 'act' }>): ReactNode {
  const { t } = useTranslation();
  const query = useRead('decision.explain', input);
  return (
    <Loaded query={query} notAllowed={t('why.notAllowed')} empty="never">
      {(answer) => <Sentences words={actWords(answer)} />}
    </Loaded>
  );
}

function actWords(answer: Output<'decision.explain'>): string[] {
  const links = answer.because.map((link) => link.stop?.sentence ?? link.sentence);
  const who = answer.askFrom.map(({ name }) => name);
  return [
    answer.sentence,
    ...links,
    ...(who.length > 0 ? [catalogue.t('why.askFrom', { who: who.join(', ') })] : []),
  ];
}

function Sentences({ words }: { words: readonly string[] }): ReactNode {
  const [first, ...rest] = words;
  return (
    <Stack gap={6} tabIndex={0} data-autofocus>
      <Text size="sm">{first}</Text>
      {rest.length > 0 ? (
        <List size="sm" spacing={4}>
          {rest.map((sentence) => (
            <List.Item key={sentence}>{sentence}</List.Item>
          ))}
        </List>
      ) : null}
    </Stack>
  );
}
