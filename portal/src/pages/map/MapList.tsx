// biome-ignore-all lint/a11y/noNoninteractiveElementToInteractiveRole: the ARIA tree pattern is built on lists
// biome-ignore-all lint/a11y/useSemanticElements: a group of tree items is no fieldset
import { Badge, Box, Button, Group, Stack, Text } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { number } from '../../i18n/dates.ts';
import classes from '../../parts/OrganizationTree.module.css';
import { countWords, markWords } from './map-words.ts';
import type { MapRow, MapTree } from './use-map-tree.ts';

type Props = { tree: MapTree; selectedId: string | undefined; onSelect: (id: string) => void };

/**
 * The map without the picture: the same organizations, the same acts. Keyboard as in the ARIA tree pattern: up and down
 * move, right opens, left closes or goes to the parent, Home and End, Enter chooses.
 */
export function MapList({ tree, selectedId, onSelect }: Props): ReactNode {
  const { t } = useTranslation();
  const list = useRef<HTMLUListElement>(null);
  const [focused, setFocused] = useState<string>();
  const inOrder = focused && tree.rows.some(({ node }) => node.id === focused) ? focused : undefined;
  const current = inOrder ?? selectedId ?? tree.rows[0]?.node.id;
  const go = (index: number): void => {
    list.current?.querySelectorAll<HTMLElement>('[role="treeitem"]')[index]?.focus();
  };
  const key = (event: KeyboardEvent<HTMLElement>, row: MapRow, index: number): void => {
    const { node, expanded, parentId } = row;
    const acts: Record<string, () => void> = {
      ArrowDown: () => go(Math.min(index + 1, tree.rows.length - 1)),
      ArrowUp: () => go(Math.max(index - 1, 0)),
      Home: () => go(0),
      End: () => go(tree.rows.length - 1),
      ArrowRight: () => {
        if (node.childCount > 0 && !expanded) tree.toggle(node.id);
        else if (expanded) go(index + 1);
      },
      ArrowLeft: () => {
        if (expanded) tree.toggle(node.id);
        else if (parentId) go(tree.rows.findIndex((one) => one.node.id === parentId));
      },
      Enter: () => onSelect(node.id),
      ' ': () => onSelect(node.id),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  return (
    <Stack gap="xs">
      <ul role="tree" aria-label={t('map.tree')} ref={list} className={classes.tree}>
        {tree.rows.map((row, index) => (
          <Row
            key={row.node.id}
            row={row}
            tree={tree}
            selected={row.node.id === selectedId}
            current={row.node.id === current}
            onFocus={() => setFocused(row.node.id)}
            onKeyDown={(event) => key(event, row, index)}
            onSelect={() => onSelect(row.node.id)}
          />
        ))}
      </ul>
      {tree.rows
        .filter(({ more }) => more > 0)
        .map(({ node, more }) => (
          <Button
            key={node.id}
            variant="default"
            size="xs"
            onClick={() => tree.showMore(node.id)}
            style={{ alignSelf: 'flex-start' }}
          >
            {t('map.moreBelow', { name: node.name, count: more, number: number(more) })}
          </Button>
        ))}
    </Stack>
  );
}

type RowProps = {
  row: MapRow;
  tree: MapTree;
  selected: boolean;
  current: boolean;
  onFocus: () => void;
  onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
  onSelect: () => void;
};

function Row({ row, tree, selected, current, onFocus, onKeyDown, onSelect }: RowProps): ReactNode {
  const { t } = useTranslation();
  const { node, level, expanded } = row;
  const hasChildren = node.childCount > 0;
  return (
    <li role="none" style={{ paddingInlineStart: Math.min(level - 1, 8) * 18 }}>
      <Group
        role="treeitem"
        aria-level={level}
        aria-setsize={row.siblings}
        aria-posinset={row.position}
        aria-selected={selected}
        {...(hasChildren ? { 'aria-expanded': expanded } : {})}
        tabIndex={current ? 0 : -1}
        onKeyDown={onKeyDown}
        onFocus={onFocus}
        gap={4}
        wrap="nowrap"
        align="flex-start"
        py={2}
        className={classes.row}
      >
        <Box className={classes.twist} aria-hidden onClick={() => hasChildren && tree.toggle(node.id)}>
          {hasChildren ? expanded ? <IconChevronDown size={18} /> : <IconChevronRight size={18} /> : null}
        </Box>
        <Box className={classes.name} onClick={onSelect} py={3}>
          <Group gap={6}>
            <Text component="span" fw={selected ? 650 : 500}>
              {node.name}
            </Text>
            {node.state === 'active' ? null : (
              <Badge color="gray.7" size="sm">
                {t(`organization.state.${node.state}`)}
              </Badge>
            )}
            {node.exceptionCount > 0 ? (
              <Badge color="red.8" size="sm" variant="filled">
                {t('map.exceptions', { count: node.exceptionCount })}
              </Badge>
            ) : null}
          </Group>
          <Text size="xs" c="dimmed">
            {countWords(node)}
          </Text>
          {node.delegations.slice(0, 3).map((mark) => (
            <Text key={mark.delegationId} size="xs" c={mark.inForce ? undefined : 'dimmed'}>
              {markWords(mark)}
            </Text>
          ))}
          {node.delegationCount > 3 ? (
            <Text size="xs" c="dimmed">
              {t('map.more', { count: node.delegationCount - 3 })}
            </Text>
          ) : null}
          {row.problem ? (
            <Text size="xs" c="var(--mantine-color-error)">
              {row.problem.text}
            </Text>
          ) : null}
        </Box>
      </Group>
      {expanded && row.loading ? (
        <Text size="sm" c="dimmed" ps={34} role="status" aria-busy="true">
          {t('state.loading')}
        </Text>
      ) : null}
    </li>
  );
}
