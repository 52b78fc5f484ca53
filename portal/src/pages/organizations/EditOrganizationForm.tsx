import { Button, Group, Stack, TagsInput, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { Organization } from './organization.ts';

type Props = { organization: Organization; onClose: () => void };

/** Details of an organization; saved only when nobody changed them meanwhile. */
export function EditOrganizationForm({ organization, onClose }: Props): ReactNode {
  const { t } = useTranslation();
  // what the reader saw when editing began, even when the page is read again meanwhile
  const [seen] = useState(organization);
  const [domains, setDomains] = useState(seen.domains);
  const update = useChange('organization.update', () => {
    sayDone(t('organization.saved'));
    onClose();
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const field = (name: string): string => String(form.get(name) ?? '').trim();
    update.mutate({
      organizationId: seen.id,
      ifVersion: seen.version,
      name: field('name'),
      description: field('description'),
      timeZone: field('timeZone'),
      ...(domains.join() === seen.domains.join() ? {} : { domains }),
    });
  };
  return (
    <form onSubmit={submit} aria-label={t('organization.edit')}>
      <Stack maw={560}>
        <TextInput
          name="name"
          label={t('newOrganization.name')}
          defaultValue={seen.name}
          required
          maxLength={200}
        />
        <Textarea
          name="description"
          label={t('newOrganization.description')}
          defaultValue={seen.description}
          autosize
          minRows={2}
          maxLength={2000}
        />
        <TagsInput
          label={t('organization.domains')}
          description={t('organization.domainsHint')}
          value={domains}
          onChange={setDomains}
          splitChars={[',', ';', ' ']}
          clearable={false}
        />
        <TextInput
          name="timeZone"
          label={t('organization.timeZone')}
          description={t('organization.timeZoneHint')}
          defaultValue={seen.timeZone}
          required
          list="time-zones"
        />
        <datalist id="time-zones">
          {Intl.supportedValuesOf('timeZone').map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
        <ActProblem problem={update.error} />
        <Group>
          <ActButton type="submit" blocked={false} loading={update.isPending}>
            {t('do.save')}
          </ActButton>
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
