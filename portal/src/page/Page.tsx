import { Box, Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';

type Props = {
  title: string;
  /** one sentence below the title; what this page is for */
  lead?: ReactNode;
  /** above the title, such as the way back */
  above?: ReactNode;
  /** right of the title: at most one primary action */
  actions?: ReactNode;
  children: ReactNode;
};

/** Every page: its heading takes the focus when one comes here, so that a screen reader says where one is. */
export function Page({ title, lead, above, actions, children }: Props): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Remit`;
  }, [title]);
  useEffect(() => {
    // not when the page itself put the focus into a field
    if (!document.activeElement || document.activeElement === document.body) heading.current?.focus();
  }, []);
  return (
    <Stack gap="lg">
      <Box>
        {above}
        <Group justify="space-between" align="flex-start" gap="sm">
          <Box style={{ flex: '1 1 240px', minWidth: 0 }}>
            <Title
              order={1}
              ref={heading}
              tabIndex={-1}
              style={{ outline: 'none', overflowWrap: 'anywhere' }}
            >
              {title}
            </Title>
            {lead ? (
              <Text c="dimmed" mt={4} maw={720} component="div">
                {lead}
              </Text>
            ) : null}
          </Box>
          {actions ? <Group gap="xs">{actions}</Group> : null}
        </Group>
      </Box>
      {children}
    </Stack>
  );
}
