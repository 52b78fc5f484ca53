import { ActionIcon, Button, Group, Popover, Stack, Text, TextInput } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconBookmark, IconTrash } from '@tabler/icons-react';
import { useRouter, useRouterState } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PathLink } from '../parts/links.tsx';

type View = { name: string; path: string };

/** Filters, sort and search of a list under a name, kept in this browser. They stand in the address, so that is it. */
export function SavedViews({ name }: { name: string }): ReactNode {
  const { t } = useTranslation();
  const router = useRouter();
  const here = useRouterState({ select: (state) => state.location.href });
  const [opened, setOpened] = useState(false);
  const [views, setViews] = useLocalStorage<View[]>({
    key: `remit.views.${name}`,
    defaultValue: [],
    getInitialValueInEffect: false,
  });
  const save = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const given = String(new FormData(event.currentTarget).get('name')).trim();
    if (!given) return;
    setViews([...views.filter((view) => view.name !== given), { name: given, path: firstPageOf(here) }]);
    setOpened(false);
  };
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-end"
      width={280}
      trapFocus
      returnFocus
      withinPortal={false}
      shadow="md"
    >
      <Popover.Target>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconBookmark size={16} aria-hidden />}
          onClick={() => setOpened((was) => !was)}
        >
          {t('views.open')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('views.open')}>
        <Stack gap="sm">
          {views.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t('views.none')}
            </Text>
          ) : (
            <Stack
              component="ul"
              gap={4}
              m={0}
              p={0}
              style={{ listStyle: 'none' }}
              aria-label={t('views.open')}
            >
              {views.map((view) => (
                <Group component="li" key={view.name} justify="space-between" wrap="nowrap">
                  <PathLink path={view.path} size="sm" onFollowed={() => setOpened(false)}>
                    {view.name}
                  </PathLink>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={t('views.forget', { name: view.name })}
                    onClick={() => setViews(views.filter((other) => other.name !== view.name))}
                  >
                    <IconTrash size={16} aria-hidden />
                  </ActionIcon>
                </Group>
              ))}
            </Stack>
          )}
          <form onSubmit={save}>
            <Group align="flex-end" wrap="nowrap" gap="xs">
              <TextInput name="name" label={t('views.name')} maxLength={60} style={{ flex: 1 }} />
              <Button type="submit" variant="default">
                {t('action.save')}
              </Button>
            </Group>
          </form>
          <Button
            variant="subtle"
            size="compact-sm"
            onClick={() => {
              setOpened(false);
              router.navigate({ href: here.split('?')[0] ?? '/' });
            }}
          >
            {t('views.plain')}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

/** A view starts at its first page: a cursor means nothing tomorrow. */
function firstPageOf(href: string): string {
  const [path, query] = href.split('?');
  const params = new URLSearchParams(query);
  for (const place of ['after', 'cursor']) params.delete(place);
  const text = params.toString();
  return text ? `${path}?${text}` : (path ?? '/');
}
