import { Group, Paper, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** Things one below the other, each a card that a screen reader finds by its name. */
export function CardList({
  label,
  gap = 'md',
  children,
  next,
}: {
  label: string;
  gap?: 'xs' | 'md';
  children: ReactNode;
  /** the way to the next page, where there is one */
  next?: ReactNode;
}): ReactNode {
  return (
    <Stack component="ul" p={0} m={0} gap={gap} style={{ listStyle: 'none' }} aria-label={label}>
      {children}
      {next ? <li>{next}</li> : null}
    </Stack>
  );
}

/** One of them: its name, what is said of it, and at its right what can be done. */
export function Card({
  name,
  title = name,
  beside,
  facts = [],
  acts,
  children,
  below,
}: {
  name: string;
  /** the name as it is shown, such as a link */
  title?: ReactNode;
  /** next to the name: badges */
  beside?: ReactNode;
  /** in one line below it; what is empty is left out */
  facts?: readonly (string | null | undefined)[];
  acts?: ReactNode;
  children?: ReactNode;
  /** under all of it, as wide as the card: what an act opened */
  below?: ReactNode;
}): ReactNode {
  const said = facts.filter(Boolean);
  return (
    <Paper component="li" withBorder p="md" aria-label={name}>
      <Group justify="space-between" align="flex-start">
        <Stack gap={4} style={{ flex: 1, minWidth: 220 }}>
          <Group gap="xs">
            {typeof title === 'string' ? <Text fw={600}>{title}</Text> : title}
            {beside}
          </Group>
          {said.length > 0 ? (
            <Text size="sm" c="dimmed">
              {said.join(' · ')}
            </Text>
          ) : null}
          {children}
        </Stack>
        {acts ? <Group gap="xs">{acts}</Group> : null}
      </Group>
      {below}
    </Paper>
  );
}
