import { Badge, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Item } from '../../api/types.ts';
import { catalogue } from '../../i18n/catalogue.ts';
import { lastDay, moment } from '../../i18n/dates.ts';
import { contentsOf } from '../../parts/grantable.ts';

export type Request = Item<'request.list'>;

/** Who asks for what, why and until when: all that a decision needs, without opening anything. */
export function RequestFacts({ request }: { request: Request }): ReactNode {
  const { t } = useTranslation();
  const what = whatOf(request);
  return (
    <Stack gap={4}>
      <Text fw={600}>{t('requests.asks', { name: request.subject.displayName, what })}</Text>
      <Text size="sm" c="dimmed">
        {[
          request.subject.title,
          request.subject.organizationName,
          t('requests.on', { when: moment(request.createdAt) }),
        ]
          .filter(Boolean)
          .join(' · ')}
      </Text>
      {request.reason ? (
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {t('requests.reason', { reason: request.reason })}
        </Text>
      ) : (
        <Text size="sm" c="dimmed">
          {t('requests.noReason')}
        </Text>
      )}
      <Group gap="xs">
        {request.forSomebodyElse ? (
          <Badge variant="outline" color="gray" c="inherit">
            {request.requestedBy
              ? t('requests.askedBy', { name: request.requestedBy })
              : t('requests.askedBySomebody')}
          </Badge>
        ) : null}
        {request.until ? (
          <Badge variant="outline" color="gray" c="inherit">
            {t('requests.until', { day: lastDay(request.until) })}
          </Badge>
        ) : null}
      </Group>
      {request.what.kind === 'access-role' && request.contains.length > 0 ? (
        <Text size="sm">{t('requests.contains', { what: contentsOf(request) })}</Text>
      ) : null}
    </Stack>
  );
}

/** "Buyer in Orders", or an access role's own name */
export const whatOf = ({ what }: Pick<Request, 'what'>): string =>
  what.applicationName
    ? catalogue.t('access.roleOf', { role: what.name, application: what.applicationName })
    : what.name;
