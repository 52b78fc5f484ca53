import { SimpleGrid, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** Short facts, each with its name: a description list in columns. */
export function Facts({
  label,
  facts,
}: {
  label: string;
  facts: readonly (readonly [name: string, value: ReactNode])[];
}): ReactNode {
  return (
    <SimpleGrid
      component="dl"
      cols={{ base: 1, xs: 2, md: 3 }}
      spacing="md"
      verticalSpacing="sm"
      m={0}
      aria-label={label}
    >
      {facts.map(([name, value]) => (
        <div key={name}>
          <Text component="dt" size="sm" c="dimmed">
            {name}
          </Text>
          <Text component="dd" m={0} style={{ overflowWrap: 'anywhere' }}>
            {value}
          </Text>
        </div>
      ))}
    </SimpleGrid>
  );
}
