import { Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Item } from '../../api/types.ts';
import { day } from '../../i18n/dates.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { PreviewedDialog } from '../../parts/PreviewedDialog.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { ExceptionDialog } from './ExceptionDialog.tsx';

type Exception = Item<'exception.list'>;
type Place = { id: string; name: string; off: boolean; may: readonly string[] };

/** What nobody may do here, whatever was delegated: set, seen, lifted. */
export function ExceptionsPart({ organization }: { organization: Place }): ReactNode {
  const { t } = useTranslation();
  const query = useRead('exception.list', { organizationId: organization.id, limit: 200 });
  const [setting, setSetting] = useState(false);
  const blocked = organization.may.includes('exception.set')
    ? organization.off
      ? t('organization.isOff')
      : false
    : t('exceptions.mayNot');
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="xs">
        <Title order={3} size="h4">
          {t('exceptions.title')}
        </Title>
        <TakeButton
          size="xs"
          blocked={blocked}
          why={
            !organization.may.includes('exception.set') && {
              permission: 'exception.set',
              organizationId: organization.id,
            }
          }
          onClick={() => setSetting(true)}
        >
          {t('exceptions.set')}
        </TakeButton>
      </Group>
      <Loaded
        query={query}
        notAllowed={t('managers.notAllowed')}
        empty={{
          when: (page) => page.items.length === 0,
          title: t('exceptions.none'),
          text: t('exceptions.noneText'),
          action: null,
        }}
      >
        {(page) => (
          <Stack
            component="ul"
            p={0}
            m={0}
            gap="xs"
            style={{ listStyle: 'none' }}
            aria-label={t('exceptions.listOf', { name: organization.name })}
          >
            {page.items.map((exception) => (
              <Card key={exception.id} exception={exception} />
            ))}
          </Stack>
        )}
      </Loaded>
      {setting ? <ExceptionDialog organization={organization} onClose={() => setSetting(false)} /> : null}
    </Stack>
  );
}

function Card({ exception }: { exception: Exception }): ReactNode {
  const { t } = useTranslation();
  const [lifting, setLifting] = useState(false);
  const words =
    exception.permissionWords.length > 0 ? exception.permissionWords.join(', ') : t('exceptions.anything');
  const about = [
    exception.application ? t('exceptions.about', { what: exception.application.name }) : '',
    exception.entitlement ? t('exceptions.about', { what: exception.entitlement.name }) : '',
    exception.person ? t('exceptions.to', { name: exception.person.name }) : '',
  ].filter(Boolean);
  return (
    <Paper component="li" withBorder p="sm" aria-label={t('exceptions.nobodyMay', { words })}>
      <Stack gap={4}>
        <Group justify="space-between" gap="xs">
          <Text size="sm" fw={600} style={{ flex: '1 1 160px' }}>
            {t('exceptions.nobodyMay', { words })}
          </Text>
          {exception.state === 'active' ? null : (
            <Badge color="gray.7">{t(`exceptions.state.${exception.state}`)}</Badge>
          )}
        </Group>
        <Text size="sm" c="dimmed">
          {[
            ...about,
            exception.below
              ? t('exceptions.inAndBelow', { name: exception.organizationName })
              : t('exceptions.inOnly', { name: exception.organizationName }),
            t('exceptions.setBy', { name: exception.setBy }),
            exception.firstDay ? t('managers.from', { day: day(exception.firstDay) }) : '',
            exception.lastDay ? t('managers.until', { day: day(exception.lastDay) }) : '',
            exception.reason,
          ]
            .filter(Boolean)
            .join(' · ')}
        </Text>
        {exception.state === 'active' ? (
          <div>
            <GiveButton
              size="xs"
              blocked={exception.mayLift ? false : t('exceptions.mayNotLift')}
              aria-label={t('exceptions.liftOf', { words })}
              onClick={() => setLifting(true)}
            >
              {t('exceptions.lift')}
            </GiveButton>
          </div>
        ) : null}
      </Stack>
      <PreviewedDialog
        opened={lifting}
        onClose={() => setLifting(false)}
        operation="exception.lift"
        input={{ exceptionId: exception.id }}
        ifVersion={exception.version}
        title={t('exceptions.liftTitle')}
        text={<Text size="sm">{t('exceptions.nobodyMay', { words })}</Text>}
        confirm={t('exceptions.lift')}
        tone="neutral"
        onDone={() => sayDone(t('exceptions.lifted'))}
      />
    </Paper>
  );
}
