import { List, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** What somebody may do, in full: folded, for the few who want to read it all. */
export function Acts({ words }: { words: readonly string[] }): ReactNode {
  const { t } = useTranslation();
  if (words.length === 0) return null;
  return (
    <details>
      <Text component="summary" size="sm" py={4} style={{ cursor: 'pointer' }}>
        {t('appoint.all', { count: words.length })}
      </Text>
      <List size="sm" spacing={2}>
        {words.map((word) => (
          <List.Item key={word}>{word}</List.Item>
        ))}
      </List>
    </details>
  );
}
