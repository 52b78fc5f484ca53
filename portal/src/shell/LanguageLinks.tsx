import { Anchor, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { type Language, languages } from '../i18n/languages.ts';
import { chooseBeforeSignIn } from './language.ts';

/** Each language under its own name, for those who cannot read the one shown. A menu would cost script (see ThemeButton). */
export function LanguageLinks(): ReactNode {
  const { t, i18n } = useTranslation();
  return (
    <Group component="nav" aria-label={t('field.language')} justify="center" gap="md" px="md" pb="xl">
      {(Object.keys(languages) as Language[]).map((language) => (
        <Anchor
          key={language}
          component="button"
          type="button"
          lang={language}
          size="sm"
          mih={24}
          c={language === i18n.language ? undefined : 'dimmed'}
          fw={language === i18n.language ? 600 : undefined}
          aria-current={language === i18n.language ? 'true' : undefined}
          onClick={() => chooseBeforeSignIn(language)}
        >
          {languages[language]}
        </Anchor>
      ))}
    </Group>
  );
}
