import { Button, List, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Item } from '../../api/types.ts';
import { day } from '../../i18n/dates.ts';
import { Card } from '../../page/CardList.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { ReportAccess } from './ReportAccess.tsx';

/** One of the reader's people. What they have is read when it is opened. */
export function ReportCard({ report }: { report: Item<'report.list'> }): ReactNode {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { membershipId, displayName: name, lastDay } = report;
  return (
    <Card
      name={name}
      facts={[
        report.title,
        report.organizationName,
        report.direct ? undefined : t('team.throughOthers'),
        t('team.accessCount', { count: report.accessCount }),
        report.waiting > 0 ? t('team.waiting', { count: report.waiting }) : undefined,
        lastDay ? t('team.lastDay', { day: day(lastDay) }) : undefined,
      ]}
      acts={
        <>
          <ButtonLink
            to="/ask"
            search={{ for: membershipId }}
            size="compact-sm"
            color="teal.9"
            aria-label={t('team.askLabel', { name })}
          >
            {t('team.ask')}
          </ButtonLink>
          {lastDay ? (
            <ButtonLink
              to="/ask"
              search={{ for: membershipId, kind: 'last-day' }}
              size="compact-sm"
              variant="default"
              aria-label={t('team.longerLabel', { name })}
            >
              {t('team.longer')}
            </ButtonLink>
          ) : null}
          <Button
            size="compact-sm"
            variant="default"
            aria-expanded={open}
            aria-label={t('team.accessLabel', { name })}
            onClick={() => setOpen(!open)}
          >
            {t('team.access')}
          </Button>
        </>
      }
      below={open ? <ReportAccess membershipId={membershipId} name={name} /> : null}
    >
      {report.endsSoon.length > 0 ? (
        <>
          <Text size="sm" fw={600} mt={4}>
            {t('team.endsSoon')}
          </Text>
          <List size="sm">
            {report.endsSoon.map(({ assignmentId, name: role, applicationName, lastDay: last }) => (
              <List.Item key={assignmentId + role}>
                {t('team.endsOn', {
                  access: t('access.roleOf', { role, application: applicationName }),
                  day: day(last),
                })}
              </List.Item>
            ))}
          </List>
        </>
      ) : null}
    </Card>
  );
}
