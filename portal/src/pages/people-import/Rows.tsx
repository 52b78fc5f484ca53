import { Button, Group, List, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { day, number } from '../../i18n/dates.ts';
import { Card, CardList } from '../../page/CardList.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { TextLink } from '../../parts/links.tsx';
import { SearchField } from '../../parts/SearchField.tsx';

type Read = Output<'people-import.read'>;
type Row = Read['rows'][number];
export type Kind = 'new' | 'changed' | 'ending' | 'noted' | 'same' | 'problem' | 'missing';

/** People of one page; with more, the page is left by its buttons. */
const pageSize = 20;
/** From so many on somebody is looked for rather than read past. */
const many = 8;

type Start = { after: number; afterKey: string };
const start: Start = { after: 0, afterKey: '' };

type Props = { importId: string; kind: Kind; count: number };

/** Who is new, changes, leaves, stays out or is not in the file: one page of them, and what is said of each. */
export function Rows({ importId, kind, count }: Props): ReactNode {
  const { t } = useTranslation();
  const [search, setSearch] = useState<string>();
  // Where each page begins that was seen, so that there is a way back.
  const [pages, setPages] = useState<Start[]>([start]);
  const query = useRead(
    'people-import.read',
    { importId, show: kind, search, ...pages.at(-1)!, limit: pageSize },
    { keepPrevious: true, enabled: count > 0 },
  );
  if (count === 0) return <Text c="dimmed">{t('peopleImport.nobody')}</Text>;
  return (
    <Stack>
      {count > many ? (
        <SearchField
          label={t('peopleImport.find')}
          value={search}
          onSearch={(text) => {
            setSearch(text);
            setPages([start]);
          }}
          maw={360}
        />
      ) : null}
      <Loaded query={query} notAllowed={t('peopleImport.notAllowed')} empty="never">
        {({ rows, missing }) => (
          <Stack>
            {rows.length + missing.length === 0 ? (
              <Text c="dimmed">{t('peopleImport.nobody')}</Text>
            ) : (
              <CardList label={t('peopleImport.shown')} gap="xs" next={null}>
                {rows.map((row) => (
                  <PersonCard key={row.line} row={row} />
                ))}
                {missing.map((one) => (
                  <Card
                    key={one.key}
                    name={one.name}
                    title={<PersonLink membershipId={one.membershipId} name={one.name} />}
                    facts={[one.organizationName, one.key]}
                  />
                ))}
              </CardList>
            )}
            <Group>
              {pages.length > 1 ? (
                <Button variant="default" onClick={() => setPages(pages.slice(0, -1))}>
                  {t('peopleImport.previousPage')}
                </Button>
              ) : null}
              {rows.length + missing.length === pageSize ? (
                <Button
                  variant="default"
                  onClick={() =>
                    setPages([
                      ...pages,
                      { after: rows.at(-1)?.line ?? 0, afterKey: missing.at(-1)?.key ?? '' },
                    ])
                  }
                >
                  {t('peopleImport.nextPage')}
                </Button>
              ) : null}
            </Group>
          </Stack>
        )}
      </Loaded>
    </Stack>
  );
}

function PersonCard({ row }: { row: Row }): ReactNode {
  const { t } = useTranslation();
  const line = t('peopleImport.noName', { line: number(row.line) });
  const name = row.name || row.key || line;
  return (
    <Card
      name={name}
      title={row.membershipId ? <PersonLink membershipId={row.membershipId} name={name} /> : name}
      facts={[
        row.organizationName,
        row.key === name ? '' : row.key,
        row.problem && name !== line ? line : '',
      ]}
    >
      {row.problem ? <Text size="sm">{row.problem.text}</Text> : null}
      {row.note ? <Text size="sm">{row.note.text}</Text> : null}
      {row.differences.length > 0 ? (
        <List size="sm">
          {row.differences.map((one) => (
            <List.Item key={one.field}>
              <Difference one={one} />
            </List.Item>
          ))}
        </List>
      ) : null}
    </Card>
  );
}

function Difference({ one }: { one: Row['differences'][number] }): ReactNode {
  const { t } = useTranslation();
  const field = one.label || t(`peopleImport.field.${one.field as 'key'}`);
  const say = (value: string | null): string =>
    value === null ? t('peopleImport.nothingThere') : one.field.endsWith('Day') ? day(value) : value;
  const becomes = say(one.becomes);
  return one.was === null && one.becomes !== null
    ? t('peopleImport.becomes', { field, becomes })
    : t('peopleImport.changes', { field, was: say(one.was), becomes });
}

const PersonLink = ({ membershipId, name }: { membershipId: string; name: string }): ReactNode => (
  <TextLink to="/people/$membershipId" params={{ membershipId }} fw={600}>
    {name}
  </TextLink>
);
