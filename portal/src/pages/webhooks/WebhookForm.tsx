import {
  Button,
  Checkbox,
  Fieldset,
  Group,
  Radio,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { languageFor, languages } from '../../i18n/languages.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { ActButton, GiveButton } from '../../parts/ActButton.tsx';
import { Fold } from '../../parts/Fold.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { type EventType, eventGroups, groupNames } from './event-types.ts';
import { WebhookSecret } from './WebhookSecret.tsx';
import type { Webhook } from './webhook.ts';

const formats = ['standard', 'slack', 'teams'] as const;

/** Makes or changes a webhook. A new one shows its secret, this once. */
export function WebhookForm({
  organizationId,
  webhook,
  onClose,
}: {
  organizationId: string;
  webhook: Webhook | undefined;
  onClose: () => void;
}): ReactNode {
  const { t, i18n } = useTranslation();
  const [name, setName] = useState(webhook?.name ?? '');
  const [url, setUrl] = useState('');
  const [format, setFormat] = useState(webhook?.format ?? 'standard');
  const [language, setLanguage] = useState(webhook?.language ?? languageFor([i18n.language]));
  const [types, setTypes] = useState<string[]>(webhook?.types ?? ['request.created']);
  const [templates, setTemplates] = useState<Record<string, string>>(webhook?.templates ?? {});
  const create = useChange('webhook.create');
  const update = useChange('webhook.update', (saved) => {
    sayDone(t('webhooks.saved', { name: saved.name }));
    onClose();
  });
  if (create.data && create.data.format === 'standard')
    return <WebhookSecret secret={create.data.secret} onClose={onClose} />;
  if (create.data)
    return (
      <Stack>
        <Text>{t('webhooks.madeForChat', { name: create.data.name })}</Text>
        <Group justify="flex-end">
          <Button onClick={onClose}>{t('action.close')}</Button>
        </Group>
      </Stack>
    );
  const chat = format !== 'standard';
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const written = Object.entries(templates).filter(([type, text]) => types.includes(type) && text.trim());
    const fields = {
      name: name.trim(),
      format,
      language,
      types: types as EventType[],
      templates: chat ? Object.fromEntries(written) : {},
    };
    if (webhook)
      update.mutate({
        webhookId: webhook.id,
        ...fields,
        ...(url.trim() ? { url: url.trim() } : {}),
        ifVersion: webhook.version,
      });
    else create.mutate({ organizationId, ...fields, url: url.trim() });
  };
  const blocked = types.length > 0 ? false : t('webhooks.chooseFirst');
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={t('webhooks.name')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
          maxLength={100}
          data-autofocus
        />
        <Radio.Group
          label={t('webhooks.formatLabel')}
          value={format}
          onChange={(to) => setFormat(formats.find((one) => one === to) ?? 'standard')}
        >
          <Stack gap="xs" mt={4}>
            {formats.map((one) => (
              <Radio
                key={one}
                value={one}
                label={t(`webhooks.format.${one}`)}
                description={t(`webhooks.formatHint.${one}`)}
              />
            ))}
          </Stack>
        </Radio.Group>
        <TextInput
          label={t('webhooks.url')}
          description={
            webhook ? t('webhooks.urlKept', { address: webhook.address }) : t(`webhooks.urlHint.${format}`)
          }
          placeholder="https://"
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
          required={!webhook}
          maxLength={2000}
          autoComplete="off"
        />
        <Checkbox.Group label={t('webhooks.types')} value={types} onChange={setTypes}>
          <Stack gap="sm" mt={4}>
            {groupNames.map((group) => (
              <Fieldset key={group} variant="unstyled" legend={t(`webhooks.group.${group}`)}>
                <Group gap="md">
                  {eventGroups[group].map((type) => (
                    <Checkbox key={type} value={type} label={t(`webhooks.type.${type}`)} />
                  ))}
                </Group>
              </Fieldset>
            ))}
          </Stack>
        </Checkbox.Group>
        {chat ? (
          <>
            <Select
              label={t('webhooks.language')}
              allowDeselect={false}
              value={language}
              onChange={(to) => setLanguage(languageFor([to]))}
              data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
            />
            <Fold label={t('webhooks.ownWords')}>
              <Text size="sm" c="dimmed">
                {t('webhooks.ownWordsHint', {
                  placeholders: ['person', 'organization', 'access', 'by', 'until', 'link']
                    .map((one) => `{{${one}}}`)
                    .join(' '),
                })}
              </Text>
              {(types as EventType[]).map((type) => (
                <Textarea
                  key={type}
                  label={t(`webhooks.type.${type}`)}
                  placeholder={t('webhooks.usualWords')}
                  value={templates[type] ?? ''}
                  onChange={(event) => setTemplates({ ...templates, [type]: event.currentTarget.value })}
                  autosize
                  maxLength={1000}
                />
              ))}
            </Fold>
          </>
        ) : null}
        <Text size="sm" c="dimmed">
          {t('webhooks.reach')}
        </Text>
        <ActProblem problem={create.error ?? update.error} tried={{ organizationId }} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          {webhook ? (
            <ActButton type="submit" blocked={blocked} loading={update.isPending}>
              {t('do.save')}
            </ActButton>
          ) : (
            <GiveButton type="submit" blocked={blocked} loading={create.isPending}>
              {t('webhooks.make')}
            </GiveButton>
          )}
        </Group>
      </Stack>
    </form>
  );
}
