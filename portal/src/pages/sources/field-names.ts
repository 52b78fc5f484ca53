import { useTranslation } from 'react-i18next';

/** What the fields of a person that a directory fills in are called; a field of an organization's own by its key. */
export function useFieldNames(): (field: string) => string {
  const { t } = useTranslation();
  const names: Readonly<Record<string, string>> = {
    key: t('peopleImport.field.key'),
    name: t('peopleImport.field.name'),
    givenName: t('peopleImport.field.givenName'),
    familyName: t('peopleImport.field.familyName'),
    email: t('peopleImport.field.email'),
    organization: t('peopleImport.field.organization'),
    title: t('peopleImport.field.title'),
    lineManager: t('peopleImport.field.lineManager'),
    firstDay: t('peopleImport.field.firstDay'),
    lastDay: t('peopleImport.field.lastDay'),
  };
  return (field) => names[field] ?? field.replace(/^attribute\./, '');
}
