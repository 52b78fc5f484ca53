import { Badge, Button, Group, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Item } from '../../api/types.ts';
import { day } from '../../i18n/dates.ts';
import { Card } from '../../page/CardList.tsx';
import { PagedCards } from '../../page/PagedCards.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import { TextLink } from '../../parts/links.tsx';
import { ExceptDialog } from './ExceptDialog.tsx';

type Conflict = Item<'separation.list-conflicts'>;

const named = ({ name, applicationName }: Conflict['roles'][number]) => ({
  role: name,
  application: applicationName,
});

/** Who was given more than may be held together: to be ended, or excepted. */
export function Conflicts({ blocked }: { blocked: string | false }): ReactNode {
  const { t } = useTranslation();
  const [cursor, setCursor] = useState<string>();
  const query = useRead('separation.list-conflicts', { cursor }, { keepPrevious: true });
  const [excepting, setExcepting] = useState<Conflict>();
  return (
    <Section title={t('separation.conflicts')}>
      <Text size="sm">{t('separation.conflictsLead')}</Text>
      <PagedCards
        query={query}
        label={t('separation.conflicts')}
        gap="xs"
        notAllowed={t('separation.notAllowed')}
        none={{ title: t('separation.noConflicts'), text: t('separation.noConflictsText') }}
        next={(next) => (
          <Button variant="default" size="xs" onClick={() => setCursor(next)}>
            {t('table.next')}
          </Button>
        )}
      >
        {(one) => (
          <Card
            key={`${one.userId} ${one.separationId}`}
            name={one.displayName}
            title={
              <TextLink
                to="/people/$membershipId"
                params={{ membershipId: one.roles[0]!.membershipId }}
                fw={600}
              >
                {one.displayName}
              </TextLink>
            }
            beside={
              one.exceptedLastDay ? (
                <Badge variant="outline" color="yellow" c="inherit" tt="none">
                  {t('separation.exceptedUntil', { day: day(one.exceptedLastDay) })}
                </Badge>
              ) : null
            }
            facts={[one.separationName]}
            acts={
              one.exceptedUntil ? null : (
                <ActButton
                  size="xs"
                  variant="default"
                  blocked={blocked}
                  aria-label={t('separation.exceptPerson', { name: one.displayName })}
                  onClick={() => setExcepting(one)}
                >
                  {t('separation.except')}
                </ActButton>
              )
            }
          >
            <Group gap={6}>
              {one.roles.map((role) => (
                <Badge
                  key={`${role.membershipId} ${role.entitlementId}`}
                  variant="outline"
                  color={role.yields ? 'red.9' : 'gray'}
                  c="inherit"
                  tt="none"
                  style={{ height: 'auto', whiteSpace: 'normal' }}
                >
                  {role.yields ? t('separation.roleYields', named(role)) : t('handOut.roleIn', named(role))}
                </Badge>
              ))}
            </Group>
          </Card>
        )}
      </PagedCards>
      {excepting ? (
        <ExceptDialog
          separation={{ id: excepting.separationId, name: excepting.separationName }}
          person={{
            membershipId: excepting.roles[0]!.membershipId,
            displayName: excepting.displayName,
          }}
          onClose={() => setExcepting(undefined)}
        />
      ) : null}
    </Section>
  );
}
