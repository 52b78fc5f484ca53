import { Button, CopyButton, List, Popover, Stack, Text } from '@mantine/core';
import { IconCheck, IconCopy, IconHelpCircle } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Permission } from '../../../src/authority/permissions.ts';
import { useRead } from '../api/queries.ts';
import type { Output } from '../api/types.ts';
import { catalogue } from '../i18n/catalogue.ts';
import { Loaded } from '../page/Loaded.tsx';
import type { AskSearch } from '../routes/asking-routes.ts';
import { TextLink } from './links.tsx';

/** Why may I, or may I not, do this here? */
export type Act = {
  permission: Permission;
  organizationId?: string | undefined;
  membershipId?: string | undefined;
  entitlementId?: string | undefined;
};

type Question =
  /** answered already, in sentences of the server; `ask`: not in force, and what to ask for instead */
  | { about: 'access'; sentences: readonly string[]; ask?: { application: string; role: string } | undefined }
  | ({ about: 'act' } & Act);

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
            <Stack gap="xs" align="flex-start">
              <Sentences words={question.sentences} />
              {question.ask ? (
                <TextLink to="/ask" search={question.ask} size="sm">
                  {t('why.askFor')}
                </TextLink>
              ) : null}
            </Stack>
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
      {(answer) => (
        <Stack gap="xs" align="flex-start">
          <Sentences words={actWords(answer)} />
          {answer.effect === 'deny' ? <AskHere act={input} answer={answer} /> : null}
          {answer.effect === 'deny' ? <AskThem answer={answer} /> : null}
        </Stack>
      )}
    </Loaded>
  );
}

const namesOf = (answer: Output<'decision.explain'>): string =>
  answer.askFrom.map(({ name }) => name).join(', ');

function actWords(answer: Output<'decision.explain'>): string[] {
  const links = answer.because.map((link) => link.stop?.sentence ?? link.sentence);
  const who = namesOf(answer);
  return [answer.sentence, ...links, ...(who ? [catalogue.t('why.askFrom', { who })] : [])];
}

/**
 * What would help, asked for without naming who decides (ruling 9): the thing itself where it can be asked for, and to
 * be let do it. Not where nobody could give it.
 */
function AskHere({ act, answer }: { act: Act; answer: Output<'decision.explain'> }): ReactNode {
  const { t } = useTranslation();
  const { permission, organizationId: at, membershipId: about } = act;
  if (answer.askFrom.length === 0) return null;
  const instead = insteadOf(act);
  return (
    <>
      {instead ? (
        <TextLink to="/ask" search={instead} size="sm">
          {t('why.askForThis')}
        </TextLink>
      ) : null}
      <TextLink to="/ask" search={{ kind: 'delegation', permission, at, about }} size="sm">
        {instead ? t('why.askToDoIt') : t('why.askForThis')}
      </TextLink>
    </>
  );
}

/** What somebody else can do when asked for it; of everything else only the right to do it can be asked for. */
function insteadOf({ permission, organizationId: at, membershipId }: Act): AskSearch | undefined {
  switch (permission) {
    case 'access.grant':
      return membershipId ? { for: membershipId } : undefined;
    case 'user.invite':
    case 'user.enrol':
      return { kind: 'account', at };
    case 'organization.create':
      return { kind: 'organization', at };
    default:
      return undefined;
  }
}

/** In one's own way, beside the portal: a message that says it all, to send in one's own way. */
function AskThem({ answer }: { answer: Output<'decision.explain'> }): ReactNode {
  const { t } = useTranslation();
  const message = t('why.message', {
    sentence: answer.sentence,
    page: document.title,
    address: location.href,
  });
  return (
    <CopyButton value={message} timeout={4000}>
      {({ copied, copy }) => (
        <Button
          variant="default"
          size="compact-sm"
          leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
          onClick={copy}
        >
          {copied ? t('copy.done') : t('why.copyMessage')}
        </Button>
      )}
    </CopyButton>
  );
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
