import { Alert, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import type { Rule } from './rule.ts';

/** Who has it by this rule now: counted and named when asked. */
export function HasByRule({ rule }: { rule: Rule }): ReactNode {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  if (!open)
    return (
      <ActButton
        size="compact-xs"
        variant="subtle"
        blocked={false}
        style={{ alignSelf: 'flex-start' }}
        aria-label={t('rules.whoHasOf', { name: rule.name })}
        onClick={() => setOpen(true)}
      >
        {t('rules.whoHas')}
      </ActButton>
    );
  return <Named rule={rule} />;
}

function Named({ rule }: { rule: Rule }): ReactNode {
  const { t } = useTranslation();
  const query = useRead('access-rule.read', { accessRuleId: rule.id });
  return (
    <Loaded query={query} notAllowed={t('rules.notAllowed')} empty="never">
      {({ people: { count, people }, aboveLimit }) => (
        <>
          <Text size="sm" role="status">
            {count === 0
              ? t('rules.nobodyHas')
              : t('rules.have', {
                  count,
                  names: people.map(({ displayName }) => displayName).join(', '),
                })}
            {count > people.length ? ` ${t('rules.andMore', { count: count - people.length })}` : ''}
          </Text>
          {aboveLimit ? (
            <Alert color="yellow" variant="outline" c="inherit">
              {t('rules.aboveLimit', { organization: rule.organizationName })}
            </Alert>
          ) : null}
        </>
      )}
    </Loaded>
  );
}
