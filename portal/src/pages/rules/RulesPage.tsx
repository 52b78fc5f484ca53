import { Badge, Group, Switch, Text } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { day } from '../../i18n/dates.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Card } from '../../page/CardList.tsx';
import { Page } from '../../page/Page.tsx';
import { PagedCards } from '../../page/PagedCards.tsx';
import { ActButton, GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { FormDialog } from '../../parts/FormDialog.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { PreviewedDialog } from '../../parts/PreviewedDialog.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { HasByRule } from './HasByRule.tsx';
import { RuleForm } from './RuleForm.tsx';
import type { Rule } from './rule.ts';
import { daysWords, givesWords, standingOf, whoWords } from './rule-words.ts';

type Act = 'pause' | 'resume' | 'end';

/** Access that people have because of what is recorded of them. */
export function RulesPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage
      title={t('rules.title')}
      needs={['access-rule.configure', 'access.read']}
      notAllowed={t('rules.notAllowed')}
    >
      <Rules />
    </AllowedPage>
  );
}

function Rules(): ReactNode {
  const { t } = useTranslation();
  const may = useMay();
  const { cursor, ended } = useSearch({ from: '/shell/rules' });
  const navigate = useNavigate({ from: '/rules' });
  const query = useRead('access-rule.list', { cursor, ended }, { keepPrevious: true });
  const [editing, setEditing] = useState<Rule | 'new'>();
  const [acting, setActing] = useState<{ act: Act; rule: Rule }>();
  const blocked = may('access-rule.configure') ? false : t('rules.mayNot');
  const why = { permission: 'access-rule.configure' } as const;
  const close = (): void => setEditing(undefined);
  const make = (
    <GiveButton blocked={blocked} why={why} onClick={() => setEditing('new')}>
      {t('rules.make')}
    </GiveButton>
  );
  const button = (act: Act, rule: Rule): ReactNode => {
    const Button = act === 'end' ? TakeButton : ActButton;
    return (
      <Button
        size="xs"
        {...(act === 'end' ? {} : { variant: 'default' })}
        blocked={blocked}
        aria-label={t(`rules.${act}Of`, { name: rule.name })}
        onClick={() => setActing({ act, rule })}
      >
        {t(`rules.${act}`)}
      </Button>
    );
  };
  return (
    <Page title={t('rules.title')} lead={t('rules.lead')} actions={make}>
      <Group>
        <Switch
          label={t('rules.alsoEnded')}
          checked={ended ?? false}
          onChange={(event) => navigate({ search: { ended: event.currentTarget.checked || undefined } })}
        />
      </Group>
      <PagedCards
        query={query}
        label={t('rules.title')}
        notAllowed={t('rules.notAllowed')}
        none={{ title: t('rules.none'), text: t('rules.noneText') }}
        next={(next) => (
          <ButtonLink to="/rules" search={{ cursor: next, ended }} variant="default" size="xs">
            {t('table.next')}
          </ButtonLink>
        )}
      >
        {(rule) => (
          <Card
            key={rule.id}
            name={rule.name || t('rules.unnamed')}
            beside={<Standing rule={rule} />}
            facts={[whoWords(t, rule), daysWords(t, rule)]}
            acts={
              standingOf(rule) === 'ended' ? null : (
                <>
                  <ActButton
                    size="xs"
                    variant="default"
                    blocked={rule.gives ? blocked : t('rules.givesHidden')}
                    why={why}
                    aria-label={t('rules.editOf', { name: rule.name })}
                    onClick={() => setEditing(rule)}
                  >
                    {t('do.edit')}
                  </ActButton>
                  {button(rule.state === 'paused' ? 'resume' : 'pause', rule)}
                  {button('end', rule)}
                </>
              )
            }
          >
            <Text size="sm">{givesWords(t, rule)}</Text>
            {standingOf(rule) === 'begun' ? <HasByRule rule={rule} /> : null}
          </Card>
        )}
      </PagedCards>
      <FormDialog
        opened={editing !== undefined}
        onClose={close}
        title={editing === 'new' || !editing ? t('rules.make') : t('rules.editOf', { name: editing.name })}
      >
        <RuleForm rule={editing === 'new' ? undefined : editing} onClose={close} />
      </FormDialog>
      {acting ? (
        <PreviewedDialog
          opened
          onClose={() => setActing(undefined)}
          operation={`access-rule.${acting.act}`}
          input={{ accessRuleId: acting.rule.id }}
          ifVersion={acting.rule.version}
          tone={acting.act === 'resume' ? 'giving' : 'ending'}
          title={t(`rules.${acting.act}Of`, { name: acting.rule.name })}
          text={<Text size="sm">{t(`rules.${acting.act}Text`)}</Text>}
          confirm={t(`rules.${acting.act}`)}
          onDone={({ name }) => sayDone(t(`rules.${acting.act}Done`, { name }))}
        />
      ) : null}
    </Page>
  );
}

/** What keeps a rule from giving now. */
function Standing({ rule }: { rule: Rule }): ReactNode {
  const { t } = useTranslation();
  const standing = standingOf(rule);
  const badges = [
    standing === 'ended' ? { color: 'gray', text: t('rules.over') } : null,
    standing === 'not-begun' ? { color: 'blue', text: t('rules.begins', { day: day(rule.beginsOn) }) } : null,
    rule.state === 'paused' && standing !== 'ended' ? { color: 'yellow', text: t('rules.paused') } : null,
  ];
  return badges.map((badge) =>
    badge ? (
      <Badge key={badge.text} variant="outline" color={badge.color} c="inherit" tt="none">
        {badge.text}
      </Badge>
    ) : null,
  );
}
