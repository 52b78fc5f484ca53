import { Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import type { Item } from '../../api/types.ts';
import { moment } from '../../i18n/dates.ts';
import { Card, CardList } from '../../page/CardList.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import { CopyField } from '../../parts/CopyField.tsx';

type First = Item<'initial-password.list'>;

/** First passwords of accounts that were made for the reader elsewhere, each shown once; nothing where there is none. */
export function FirstPasswords(): ReactNode {
  const { t } = useTranslation();
  const query = useRead('initial-password.list', {});
  // What was shown stays until the page is left: taken, it is on the list no more.
  const [shown, setShown] = useState<readonly (First & { password: string })[]>([]);
  const waiting = (query.data?.items ?? []).filter(
    (one) => !shown.some((other) => other.provisioningTargetId === one.provisioningTargetId),
  );
  if (waiting.length + shown.length === 0) return null;
  return (
    <Section title={t('firstPasswords.title')}>
      <Text size="sm">{t('firstPasswords.text')}</Text>
      <CardList label={t('firstPasswords.title')}>
        {shown.map((one) => (
          <Card key={one.provisioningTargetId} name={one.name}>
            <Stack gap="xs">
              <CopyField label={t('firstPasswords.password')} value={one.password} />
              <Text size="sm" role="status">
                {t('firstPasswords.shown')}
              </Text>
            </Stack>
          </Card>
        ))}
        {waiting.map((one) => (
          <Waiting
            key={one.provisioningTargetId}
            one={one}
            onShown={(password) => setShown([...shown, { ...one, password }])}
          />
        ))}
      </CardList>
    </Section>
  );
}

function Waiting({ one, onShown }: { one: First; onShown: (password: string) => void }): ReactNode {
  const { t } = useTranslation();
  const take = useChange('initial-password.take', ({ password }) => onShown(password));
  return (
    <Card
      name={one.name}
      facts={[t('firstPasswords.until', { when: moment(one.until) })]}
      acts={
        <ActButton
          size="xs"
          blocked={false}
          loading={take.isPending}
          aria-label={t('firstPasswords.showOf', { name: one.name })}
          onClick={() => take.mutate({ provisioningTargetId: one.provisioningTargetId })}
        >
          {t('firstPasswords.show')}
        </ActButton>
      }
    >
      <ActProblem problem={take.error} />
    </Card>
  );
}
