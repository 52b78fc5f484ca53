import { Alert, Group, NumberInput, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { isoDay } from '../../i18n/dates.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { LoadingLines } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { Acts } from '../../parts/Acts.tsx';
import { ChangePreview, usePreviewedChange } from '../../parts/ChangePreview.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { changed, type Draft, firstDraft, inputOf } from './draft.ts';
import { HandOutRoles } from './HandOutRoles.tsx';
import { PeopleFields } from './PeopleFields.tsx';
import { PlacesField } from './PlacesField.tsx';
import { WhatFields } from './WhatFields.tsx';
import { WhoFields } from './WhoFields.tsx';

export function DelegatePage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage
      title={t('delegate.title')}
      needs={['delegation.create']}
      notAllowed={t('delegate.notAllowed')}
    >
      <FromAddress />
    </AllowedPage>
  );
}

/** Where and who may stand in the address, from the map or from a person's page. */
function FromAddress(): ReactNode {
  const { t } = useTranslation();
  const { organizationId, membershipId } = useSearch({ from: '/shell/delegate' });
  const place = useRead(
    'organization.read',
    { organizationId: organizationId ?? '' },
    { enabled: organizationId !== undefined },
  );
  const person = useRead(
    'membership.read',
    { membershipId: membershipId ?? '' },
    { enabled: membershipId !== undefined },
  );
  if ((organizationId && place.isPending) || (membershipId && person.isPending))
    return (
      <Page title={t('delegate.title')}>
        <LoadingLines />
      </Page>
    );
  const first: Draft = {
    ...firstDraft,
    ...(place.data
      ? { places: [{ organizationId: place.data.id, name: place.data.name, below: true, out: false }] }
      : {}),
    ...(person.data
      ? { person: { membershipId: person.data.membershipId, displayName: person.data.user.displayName } }
      : {}),
  };
  return <DelegateForm key={`${organizationId} ${membershipId}`} first={first} />;
}

function DelegateForm({ first }: { first: Draft }): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [draft, setDraft] = useState(first);
  const set = (change: Partial<Draft>): void => setDraft((was) => changed(was, change));
  const complete = useMemo(() => inputOf(draft), [draft]);
  const input = 'input' in complete ? complete.input : undefined;
  const [steady] = useDebouncedValue(input, 200);
  const words = useRead('delegation.preview', steady ?? ({} as never), { enabled: steady !== undefined });
  const create = usePreviewedChange(
    'delegation.create',
    words.data && !words.error ? input : undefined,
    (made) => {
      sayDone(made.sentence);
      void navigate({ to: '/map', search: { organizationId: made.places[0]?.id } });
    },
  );
  const blocked =
    'missingKey' in complete
      ? t(complete.missingKey as 'delegate.choosePlace')
      : (words.error?.text ?? create.blocked);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (blocked === false) create.save();
  };
  const standing = draft.who === 'standing';
  const firstPlace = draft.places.find(({ out }) => !out);
  return (
    <Page title={t('delegate.title')} lead={t('delegate.lead')}>
      <form onSubmit={submit}>
        <Stack maw={760}>
          <Section title={t('delegate.who')}>
            <WhoFields draft={draft} onChange={set} />
          </Section>
          <Section title={t('delegate.what')}>
            <WhatFields draft={draft} organizationId={firstPlace?.organizationId} onChange={set} />
          </Section>
          <Section title={t('delegate.where')}>
            <PlacesField value={draft.places} onChange={(places) => set({ places })} one={standing} />
            {standing ? null : <PeopleFields draft={draft} onChange={set} />}
          </Section>
          <Section title={t('delegate.access')}>
            <HandOutRoles
              label={t('delegate.handOut')}
              organizationId={firstPlace?.organizationId}
              toHandOut={standing}
              value={draft.handOut}
              onChange={(handOut) => set({ handOut })}
            />
          </Section>
          <Section title={t('delegate.when')}>
            <Group grow align="flex-start">
              <TextInput
                type="date"
                label={t('delegate.from')}
                description={t('delegate.fromHint')}
                min={isoDay()}
                value={draft.fromDay}
                onChange={(event) => set({ fromDay: event.currentTarget.value })}
              />
              <TextInput
                type="date"
                label={t('delegate.until')}
                description={t('appoint.untilHint')}
                min={isoDay(1)}
                value={draft.untilDay}
                onChange={(event) => set({ untilDay: event.currentTarget.value })}
              />
            </Group>
            <Select
              label={t('delegate.passOn')}
              data={[
                { value: '0', label: t('appoint.passOnNot') },
                { value: '1', label: t('appoint.passOnOne') },
                { value: '2', label: t('appoint.passOnTwo') },
                { value: 'same', label: t('appoint.passOnSame') },
              ]}
              value={String(draft.mayPassOn)}
              allowDeselect={false}
              onChange={(to) => to && set({ mayPassOn: to === 'same' ? 'same' : Number(to) })}
            />
            {standing ? (
              <NumberInput
                label={t('delegate.seats')}
                description={t('delegate.seatsHint')}
                min={1}
                allowDecimal={false}
                value={draft.seats}
                onChange={(seats) => set({ seats: typeof seats === 'number' ? seats : '' })}
              />
            ) : null}
            <Textarea
              label={t('delegate.reason')}
              maxLength={500}
              autosize
              value={draft.reason}
              onChange={(event) => set({ reason: event.currentTarget.value })}
            />
          </Section>
          {input ? (
            words.error ? (
              <ActProblem problem={words.error} />
            ) : (
              <ReadBack words={words.data} busy={words.isFetching} />
            )
          ) : (
            <Text size="sm" c="dimmed">
              {blocked}
            </Text>
          )}
          {input && words.data && !words.error ? (
            <ChangePreview query={create.preview} refusal={create.refusal} tried={create.tried} />
          ) : null}
          <ActProblem problem={create.problem} tried={create.tried} />
          <Group justify="flex-end">
            <ButtonLink to="/map" search={{ organizationId: firstPlace?.organizationId }} variant="default">
              {t('action.cancel')}
            </ButtonLink>
            <GiveButton type="submit" blocked={blocked} loading={create.busy}>
              {t('delegate.save')}
            </GiveButton>
          </Group>
        </Stack>
      </form>
    </Page>
  );
}

/** The sentence that reads it back. */
function ReadBack({
  words,
  busy,
}: {
  words: Output<'delegation.preview'> | undefined;
  busy: boolean;
}): ReactNode {
  const { t } = useTranslation();
  return (
    <Alert
      color="teal"
      variant="outline"
      c="inherit"
      role="status"
      title={t('delegate.inWords')}
      aria-busy={busy}
    >
      <Text size="sm">{words?.sentence ?? t('state.loading')}</Text>
      <Acts words={words?.permissionWords ?? []} />
    </Alert>
  );
}
