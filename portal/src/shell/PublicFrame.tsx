import { Box, Center, Group, Paper, Stack, Text } from '@mantine/core';
import { Outlet } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { LanguageLinks } from './LanguageLinks.tsx';
import { ThemeButton } from './ThemeButton.tsx';

export function PublicFrame(): ReactNode {
  return (
    <Box mih="100vh" bg="light-dark(var(--mantine-color-gray-0), var(--mantine-color-dark-8))">
      <Group component="header" justify="space-between" p="md">
        <Text fw={700} size="lg">
          Remit
        </Text>
        <ThemeButton />
      </Group>
      <Center component="main" px="md" pb="xl">
        <Paper withBorder radius="lg" p={{ base: 'md', xs: 'xl' }} w="100%" maw={480}>
          <Stack>
            <Outlet />
          </Stack>
        </Paper>
      </Center>
      <LanguageLinks />
    </Box>
  );
}
