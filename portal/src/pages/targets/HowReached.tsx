import { Loader, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { Facts } from '../../parts/Facts.tsx';
import { PersonName } from './PersonName.tsx';
import { idsIn } from './person-ids.ts';
import type { TargetDetail } from './target.ts';

/** Longer ones, such as certificates, are in the form. */
const longest = 100;

/** The settings in the words of the kind of system: nothing by its key, and people by their names. */
export function HowReached({ target }: { target: TargetDetail }): ReactNode {
  const { t } = useTranslation();
  const connectors = useRead('connector.list', {});
  if (connectors.isPending) return <Loader size="sm" aria-label={t('state.loading')} />;
  const fields = connectors.data?.items.find((one) => one.name === target.connector)?.settings ?? [];
  return (
    <Facts
      label={t('targets.reached')}
      facts={fields.flatMap(({ key, label, kind, choiceLabels }): (readonly [string, ReactNode])[] => {
        const value = target.settings[key];
        if (!value) return [];
        if (kind === 'people') return [[label, <People key={key} ids={idsIn(value)} />]];
        if (kind === 'yes-no') return [[label, t(value === 'true' ? 'targets.yes' : 'targets.no')]];
        return value.length > longest ? [] : [[label, choiceLabels[value] ?? value]];
      })}
    />
  );
}

function People({ ids }: { ids: readonly string[] }): ReactNode {
  return (
    <Stack component="ul" gap={0} m={0} p={0} style={{ listStyle: 'none' }}>
      {ids.map((id) => (
        <li key={id}>
          <PersonName membershipId={id} />
        </li>
      ))}
    </Stack>
  );
}
