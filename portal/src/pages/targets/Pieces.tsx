import { ActionIcon, Checkbox, Group, MultiSelect, Select, Stack, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ActButton } from '../../parts/ActButton.tsx';
import type { TargetDetail } from './target.ts';

type Row = TargetDetail['mapping'][number];
type Piece = Row['pieces'][number];

const ways = ['lower', 'upper', 'ascii', 'initial', 'first-word', 'last-word', 'login'] as const;
const text = '#text';
const most = 10;

/** What one value is put together of, in order: fields of a person, each written in some way, and texts between them. */
export function Pieces({
  label,
  row,
  sources,
  blocked,
  onChange,
}: {
  label: string;
  row: Row | undefined;
  sources: readonly { value: string; label: string }[];
  blocked: false | string;
  onChange: (row: Omit<Row, 'to'> | undefined) => void;
}): ReactNode {
  const { t } = useTranslation();
  const off = blocked !== false;
  const pieces = row?.pieces ?? [];
  const write = (next: readonly Piece[], once = row?.once): void =>
    onChange(next.length > 0 ? { pieces: [...next], ...(once ? { once } : {}) } : undefined);
  const put = (n: number, piece: Piece | undefined): void =>
    write(
      piece ? [...pieces.slice(0, n), piece, ...pieces.slice(n + 1)] : pieces.filter((_, at) => at !== n),
    );
  // Without any there is one to be chosen.
  const shown: (Piece | undefined)[] = pieces.length > 0 ? pieces : [undefined];
  return (
    <Stack gap="xs">
      {shown.map((piece, n) => {
        const isText = piece !== undefined && 'text' in piece;
        const which = shown.length > 1 ? t('targets.pieceOf', { label, n: n + 1 }) : label;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces are told apart by their place alone
          <Group key={n} gap="xs" align="end">
            <Select
              aria-label={t('targets.fromOf', { label: which })}
              w={{ base: '100%', xs: 220 }}
              searchable
              clearable={shown.length === 1}
              clearButtonProps={{ 'aria-label': t('picker.clear') }}
              disabled={off}
              placeholder={t('targets.nothing')}
              value={piece === undefined ? null : isText ? text : piece.field}
              data={[...sources, { value: text, label: t('targets.ownText') }]}
              onChange={(one) =>
                put(
                  n,
                  one === null
                    ? undefined
                    : one === text
                      ? { text: '' }
                      : { field: one, how: piece && 'field' in piece ? piece.how : [] },
                )
              }
            />
            {isText ? (
              <TextInput
                aria-label={t('targets.textOf', { label: which })}
                w={{ base: '100%', xs: 220 }}
                value={piece.text}
                maxLength={200}
                disabled={off}
                onChange={(event) => put(n, { text: event.currentTarget.value })}
              />
            ) : piece ? (
              <MultiSelect
                aria-label={t('targets.howOf', { label: which })}
                w={{ base: '100%', xs: 220 }}
                disabled={off}
                placeholder={(piece.how ?? []).length === 0 ? t('targets.way.plain') : undefined}
                maxValues={5}
                value={piece.how ?? []}
                data={ways.map((one) => ({ value: one, label: t(`targets.way.${one}`) }))}
                onChange={(chosen) =>
                  put(n, {
                    field: piece.field,
                    how: chosen.flatMap((one) => ways.find((way) => way === one) ?? []),
                  })
                }
              />
            ) : null}
            {shown.length > 1 ? (
              <ActionIcon
                variant="default"
                size={36}
                disabled={off}
                aria-label={t('targets.dropPiece', { label: which })}
                onClick={() => put(n, undefined)}
              >
                <IconX size={16} aria-hidden />
              </ActionIcon>
            ) : null}
          </Group>
        );
      })}
      {pieces.length > 0 ? (
        <Group gap="md">
          {pieces.length < most ? (
            <ActButton
              size="xs"
              variant="default"
              blocked={blocked}
              aria-label={t('targets.morePiecesOf', { label })}
              onClick={() => write([...pieces, { text: ' ' }])}
            >
              {t('targets.morePieces')}
            </ActButton>
          ) : null}
          <Checkbox
            label={t('targets.once')}
            aria-label={t('targets.onceOf', { label })}
            checked={row?.once ?? false}
            disabled={off}
            onChange={(event) => write(pieces, event.currentTarget.checked)}
          />
        </Group>
      ) : null}
    </Stack>
  );
}
