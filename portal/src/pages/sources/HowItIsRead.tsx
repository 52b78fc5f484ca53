import { Group } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Section } from '../../page/Section.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { FormDialog } from '../../parts/FormDialog.tsx';
import { FieldsForm } from './FieldsForm.tsx';
import { useFieldNames } from './field-names.ts';
import { PlacesForm } from './PlacesForm.tsx';
import { ScheduleForm } from './ScheduleForm.tsx';
import { EditSource } from './SourceForm.tsx';
import type { SourceDetail } from './source.ts';

/** Where a directory is, what of a person it fills in, where they belong, how often it is read; each with its form. */
export function HowItIsRead({ source, children }: { source: SourceDetail; children: ReactNode }): ReactNode {
  const { t } = useTranslation();
  const nameOf = useFieldNames();
  const [asked, setAsked] = useState<'edit' | 'fields' | 'places' | 'schedule'>();
  const close = (): void => setAsked(undefined);
  const { name, places, settings } = source;
  const edit = (part: NonNullable<typeof asked>, label: string): ReactNode => (
    <ActButton size="xs" variant="default" blocked={false} aria-label={label} onClick={() => setAsked(part)}>
      {t('do.edit')}
    </ActButton>
  );
  const where = {
    source: t('sources.place.source', { organization: source.organizationName }),
    tree: t('sources.place.tree'),
    attribute: t('sources.place.attribute'),
    map: t('sources.place.map'),
  }[places.from];
  return (
    <>
      <Section title={t('sources.fields')} actions={edit('fields', t('sources.editFields'))}>
        <Facts
          label={t('sources.fields')}
          facts={Object.entries(source.columns).map(
            ([field, attribute]) => [nameOf(field), attribute] as const,
          )}
        />
      </Section>
      <Section title={t('sources.where')} actions={edit('places', t('sources.editPlaces'))}>
        <Facts
          label={t('sources.where')}
          facts={[
            [t('sources.belongs'), where],
            ...(places.from === 'attribute' ? [[t('sources.attribute'), places.attribute] as const] : []),
            ...(places.from === 'map'
              ? [[t('sources.parts'), places.map.map(({ below }) => below).join(' · ')] as const]
              : []),
          ]}
        />
      </Section>
      <Section title={t('sources.howOften')} actions={edit('schedule', t('sources.editSchedule'))}>
        <Facts
          label={t('sources.howOften')}
          facts={[
            [t('sources.everyMinutes'), source.everyMinutes],
            [t('sources.wholeHours'), source.wholeHours],
            [t('sources.atLeast'), source.brake.atLeast],
            [t('sources.share'), `${Math.round(source.brake.share * 100)} %`],
          ]}
        />
      </Section>
      <Section title={t('sources.reached')} actions={edit('edit', t('sources.editReached'))}>
        <Facts
          label={t('sources.reached')}
          facts={[
            [t('sources.host'), settings.port ? `${settings.host}:${settings.port}` : settings.host],
            [
              t('sources.security'),
              {
                tls: t('sources.way.tls'),
                starttls: t('sources.way.starttls'),
                clear: t('sources.way.clear'),
              }[settings.security],
            ],
            [t('sources.account'), settings.account],
            [t('sources.base'), source.base],
            [t('sources.objectClass'), source.objectClass],
          ]}
        />
        <Group gap="xs">{children}</Group>
      </Section>
      <FormDialog opened={asked === 'edit'} onClose={close} title={t('sources.editOf', { name })}>
        <EditSource source={source} onClose={close} />
      </FormDialog>
      <FormDialog opened={asked === 'fields'} onClose={close} title={t('sources.editFields')}>
        <FieldsForm source={source} onClose={close} />
      </FormDialog>
      <FormDialog opened={asked === 'places'} onClose={close} title={t('sources.editPlaces')}>
        <PlacesForm source={source} onClose={close} />
      </FormDialog>
      <FormDialog opened={asked === 'schedule'} onClose={close} title={t('sources.editSchedule')}>
        <ScheduleForm source={source} onClose={close} />
      </FormDialog>
    </>
  );
}
