import { Button, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Item } from '../../api/types.ts';
import { day } from '../../i18n/dates.ts';
import { Card } from '../../page/CardList.tsx';
import { PagedCards } from '../../page/PagedCards.tsx';
import { Section } from '../../page/Section.tsx';
import { TakeButton } from '../../parts/ActButton.tsx';
import { TextLink } from '../../parts/links.tsx';
import { PreviewedDialog } from '../../parts/PreviewedDialog.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';

type Exception = Item<'separation.list-exceptions'>;

/** Who may have together what is kept apart, until when, and who said so. */
export function Exceptions({ blocked }: { blocked: string | false }): ReactNode {
  const { t } = useTranslation();
  const [cursor, setCursor] = useState<string>();
  const query = useRead('separation.list-exceptions', { cursor }, { keepPrevious: true });
  const [lifting, setLifting] = useState<Exception>();
  return (
    <Section title={t('separation.exceptions')}>
      <PagedCards
        query={query}
        label={t('separation.exceptions')}
        gap="xs"
        notAllowed={t('separation.notAllowed')}
        none={{ title: t('separation.noExceptions'), text: t('separation.noExceptionsText') }}
        next={(next) => (
          <Button variant="default" size="xs" onClick={() => setCursor(next)}>
            {t('table.next')}
          </Button>
        )}
      >
        {(one) => (
          <Card
            key={one.id}
            name={one.displayName}
            title={
              <TextLink to="/people/$membershipId" params={{ membershipId: one.membershipId }} fw={600}>
                {one.displayName}
              </TextLink>
            }
            facts={[
              one.separationName,
              Date.parse(one.from) > Date.now() ? t('managers.from', { day: day(one.firstDay) }) : null,
              t('managers.until', { day: day(one.lastDay ?? one.until) }),
              one.askedBy ? t('separation.askedByName', { name: one.askedBy }) : null,
              one.approvedBy ? t('separation.approvedByName', { name: one.approvedBy }) : null,
              one.reason,
            ]}
            acts={
              <TakeButton
                size="xs"
                blocked={blocked}
                aria-label={t('separation.liftOf', { name: one.displayName })}
                onClick={() => setLifting(one)}
              >
                {t('separation.lift')}
              </TakeButton>
            }
          />
        )}
      </PagedCards>
      {lifting ? (
        <PreviewedDialog
          opened
          onClose={() => setLifting(undefined)}
          operation="separation.lift"
          input={{ separationExceptionId: lifting.id }}
          ifVersion={lifting.version}
          title={t('separation.liftOf', { name: lifting.displayName })}
          text={<Text size="sm">{t('separation.liftText')}</Text>}
          confirm={t('separation.lift')}
          onDone={({ displayName }) => sayDone(t('separation.lifted', { name: displayName }))}
        />
      ) : null}
    </Section>
  );
}
