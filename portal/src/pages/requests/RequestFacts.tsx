import { Badge, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Item } from '../../api/types.ts';
import { catalogue } from '../../i18n/catalogue.ts';
import { day, moment } from '../../i18n/dates.ts';
import { contentsOf } from '../../parts/grantable.ts';
import { TextLink } from '../../parts/links.tsx';

export type Request = Item<'request.list'>;

/** Who asks for what, why and until when: all that a decision needs, without opening anything. */
export function RequestFacts({ request, onOwnPage }: { request: Request; onOwnPage?: true }): ReactNode {
  const { t } = useTranslation();
  const title = titleOf(request);
  return (
    <Stack gap={4} style={{ minWidth: 0 }}>
      {onOwnPage ? null : (
        <TextLink
          to="/requests/$requestId"
          params={{ requestId: request.requestId }}
          fw={600}
          c="inherit"
          underline="always"
          style={{ overflowWrap: 'anywhere' }}
        >
          {title}
        </TextLink>
      )}
      <Text size="sm" c="dimmed">
        {[
          request.subject.title,
          request.subject.organizationName,
          t('requests.on', { when: moment(request.createdAt) }),
        ]
          .filter(Boolean)
          .join(' · ')}
      </Text>
      {detailsOf(request).map((line) => (
        <Text size="sm" style={{ overflowWrap: 'anywhere' }} key={line}>
          {line}
        </Text>
      ))}
      {request.reason ? (
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {t('requests.reason', { reason: request.reason })}
        </Text>
      ) : (
        <Text size="sm" c="dimmed">
          {t('requests.noReason')}
        </Text>
      )}
      {request.forSomebodyElse || request.lastDay ? (
        <Group gap="xs">
          {request.forSomebodyElse ? (
            <Badge variant="outline" color="gray" c="inherit">
              {request.requestedBy
                ? t('requests.askedBy', { name: request.requestedBy })
                : t('requests.askedBySomebody')}
            </Badge>
          ) : null}
          {request.lastDay ? (
            <Badge variant="outline" color="gray" c="inherit">
              {t('requests.until', { day: day(request.lastDay) })}
            </Badge>
          ) : null}
        </Group>
      ) : null}
      {request.what.kind === 'access-role' && request.contains.length > 0 ? (
        <Text size="sm">
          {request.kind === 'ending'
            ? t('requests.endsAll', { what: contentsOf(request) })
            : t('requests.contains', { what: contentsOf(request) })}
        </Text>
      ) : null}
    </Stack>
  );
}

/** What else is asked for beside who, where and which access: each kind has its own. */
function detailsOf({ kind, details }: Request): string[] {
  const { wasLastDay: was, lastDay: until, email, title, message, description, mayDo, below } = details;
  const lines = [
    kind === 'extension' && was && catalogue.t('requests.was', { day: day(was) }),
    kind === 'last-day' &&
      (was ? catalogue.t('requests.wasLastDay', { day: day(was) }) : catalogue.t('requests.noLastDay')),
    // a day that is asked for stands beside it already
    kind === 'last-day' && until === null && catalogue.t('requests.newNoLastDay'),
    email && catalogue.t('requests.email', { email }),
    title && catalogue.t('requests.jobTitle', { title }),
    kind === 'account' && until && catalogue.t('requests.newLastDay', { day: day(until) }),
    message && catalogue.t('requests.message', { message }),
    description && catalogue.t('requests.description', { description }),
    mayDo.length > 0 && catalogue.t('requests.mayDo', { what: mayDo.join(', ') }),
    below !== null && (below ? catalogue.t('requests.below') : catalogue.t('requests.onlyThere')),
  ];
  return lines.filter((line): line is string => typeof line === 'string');
}

/** "Sam asks for Buyer in Orders": what is asked, as its kind says it. */
export function titleOf(request: Request): string {
  const { subject, kind } = request;
  return catalogue.t(`asked.${kind}`, {
    name: subject.displayName,
    what: whatOf(request),
    organization: subject.organizationName,
  });
}

/** "Buyer in Orders", an access role's own name, or what else is asked for in a few words */
export function whatOf({ what, kind, subject }: Pick<Request, 'what' | 'kind' | 'subject'>): string {
  if (kind === 'last-day' || kind === 'organization' || kind === 'delegation' || kind === 'account')
    return catalogue.t(`askedShort.${kind}`, { name: what.name, organization: subject.organizationName });
  return what.applicationName
    ? catalogue.t('access.roleOf', { role: what.name, application: what.applicationName })
    : what.name;
}

/** Who decided; a deputy together with whom they decided for. */
export const deciderOf = (by: string, forWhom: string | null): string =>
  forWhom ? catalogue.t('requestPage.xForY', { by, forWhom }) : by;
