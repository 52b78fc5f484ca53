import { Button, Group, Stack } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import type { Output } from '../../api/types.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { valueIn } from '../people/own-fields.ts';
import { AttributeFields, type AttributeValues } from '../person/AttributeFields.tsx';

type Field = Output<'me.read'>['fields'][number];

/** What the organization records of somebody, as far as it shows them, and what of it they fill in themselves. */
export function OwnFields({ fields }: { fields: readonly Field[] }): ReactNode {
  const { t } = useTranslation();
  const { membership } = useSession();
  const own = fields.filter(({ mayChange }) => mayChange);
  const [values, setValues] = useState<AttributeValues>(
    Object.fromEntries(own.map(({ key, value }) => [key, value])),
  );
  const update = useChange('me.update', () => sayDone(t('me.saved')));
  const others = fields.filter(({ mayChange, value }) => !mayChange && value !== null && value !== '');
  if (own.length + others.length === 0) return null;
  return (
    <Section title={t('me.recorded', { organization: membership.organizationName })}>
      <Stack gap="sm">
        {others.length > 0 ? (
          <Facts
            label={t('me.recorded', { organization: membership.organizationName })}
            facts={others.map(({ label, kind, value }): [string, string] => [label, valueIn(t, kind, value)])}
          />
        ) : null}
        {own.length > 0 ? (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              update.mutate({ attributes: values });
            }}
          >
            <Stack gap="sm">
              <AttributeFields attributes={own} values={values} onChange={setValues} />
              <ActProblem problem={update.error} />
              <Group>
                <Button type="submit" loading={update.isPending}>
                  {t('action.save')}
                </Button>
              </Group>
            </Stack>
          </form>
        ) : null}
      </Stack>
    </Section>
  );
}
