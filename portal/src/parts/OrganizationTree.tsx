// biome-ignore-all lint/a11y/noNoninteractiveElementToInteractiveRole: the ARIA tree pattern is built on lists
// biome-ignore-all lint/a11y/useSemanticElements: a group of tree items is no fieldset
import { Box, Group, Text } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../api/queries.ts';
import type { Item } from '../api/types.ts';
import { Loaded } from '../page/Loaded.tsx';
import classes from './OrganizationTree.module.css';

type Organization = Item<'organization.list'>;

type Props = {
  label: string;
  /** Enter or click on a name */
  onOpen: (organization: Organization) => void;
  /** right of the name: counts, badges; no controls (they would be lost to the keyboard inside a tree) */
  aside?: (organization: Organization) => ReactNode;
  /** below this one instead of from the tops of the reader's reach */
  parentId?: string;
  empty: { title: string; text: string; action: ReactNode | null };
  notAllowed: string;
  selectedId?: string;
};

/**
 * The organization tree: children are read when a branch is opened. Keyboard as in the ARIA tree pattern: up and
 * down move, right opens, left closes or goes to the parent, Home and End, Enter chooses.
 */
export function OrganizationTree(props: Props): ReactNode {
  const tops = useRead('organization.list', { parentId: props.parentId, limit: 200 });
  const root = useRef<HTMLUListElement>(null);
  const [focused, setFocused] = useState<string>();
  const move = (event: KeyboardEvent<HTMLUListElement>): void => {
    const items = [...(root.current?.querySelectorAll<HTMLElement>('[role="treeitem"]') ?? [])];
    const here = items.indexOf(document.activeElement as HTMLElement);
    const target =
      event.key === 'ArrowDown'
        ? items[here + 1]
        : event.key === 'ArrowUp'
          ? items[here - 1]
          : event.key === 'Home'
            ? items[0]
            : event.key === 'End'
              ? items.at(-1)
              : undefined;
    if (target) {
      event.preventDefault();
      target.focus();
    }
  };
  return (
    <Loaded
      query={tops}
      notAllowed={props.notAllowed}
      empty={{ ...props.empty, when: (page) => page.items.length === 0 }}
    >
      {(page) => (
        <ul role="tree" aria-label={props.label} ref={root} className={classes.tree} onKeyDown={move}>
          {page.items.map((organization, index) => (
            <Branch
              key={organization.id}
              organization={organization}
              level={1}
              size={page.items.length}
              position={index + 1}
              openAtFirst={page.items.length === 1}
              tree={props}
              focused={focused ?? page.items[0]?.id}
              onFocus={setFocused}
            />
          ))}
        </ul>
      )}
    </Loaded>
  );
}

type BranchProps = {
  organization: Organization;
  level: number;
  size: number;
  position: number;
  openAtFirst: boolean;
  tree: Props;
  focused: string | undefined;
  onFocus: (id: string) => void;
};

function Branch({
  organization,
  level,
  size,
  position,
  openAtFirst,
  tree,
  focused,
  onFocus,
}: BranchProps): ReactNode {
  const { t } = useTranslation();
  const [open, setOpen] = useState(openAtFirst);
  const hasChildren = organization.childCount > 0;
  const children = useRead(
    'organization.list',
    { parentId: organization.id, limit: 200 },
    { enabled: open && hasChildren },
  );
  const key = (event: KeyboardEvent<HTMLElement>): void => {
    const branch = event.currentTarget.closest('li');
    const handled = (): void => {
      event.preventDefault();
      event.stopPropagation();
    };
    if (event.key === 'Enter' || event.key === ' ') {
      handled();
      tree.onOpen(organization);
    } else if (event.key === 'ArrowRight') {
      handled();
      if (hasChildren && !open) setOpen(true);
      else branch?.querySelector<HTMLElement>(':scope > ul [role="treeitem"]')?.focus();
    } else if (event.key === 'ArrowLeft') {
      handled();
      if (open && hasChildren) setOpen(false);
      else
        branch?.parentElement
          ?.closest('li')
          ?.querySelector<HTMLElement>(':scope > [role="treeitem"]')
          ?.focus();
    }
  };
  return (
    // the row is the item, not the branch: else an item's name would be those of all below it, too
    <li role="none">
      <Group
        role="treeitem"
        aria-level={level}
        aria-setsize={size}
        aria-posinset={position}
        aria-selected={tree.selectedId === organization.id}
        {...(hasChildren ? { 'aria-expanded': open } : {})}
        tabIndex={focused === organization.id ? 0 : -1}
        onKeyDown={key}
        onFocus={() => onFocus(organization.id)}
        gap={4}
        wrap="nowrap"
        className={classes.row}
      >
        <Box
          className={classes.twist}
          aria-hidden
          onClick={() => {
            if (hasChildren) setOpen((was) => !was);
          }}
        >
          {hasChildren ? open ? <IconChevronDown size={18} /> : <IconChevronRight size={18} /> : null}
        </Box>
        <Text
          className={classes.name}
          component="span"
          onClick={() => tree.onOpen(organization)}
          c={organization.state === 'active' ? undefined : 'dimmed'}
        >
          {organization.name}
        </Text>
        {tree.aside?.(organization)}
      </Group>
      {open && hasChildren ? (
        <ul role="group" className={classes.children}>
          {children.data ? (
            children.data.items.map((child, index, all) => (
              <Branch
                key={child.id}
                organization={child}
                level={level + 1}
                size={all.length}
                position={index + 1}
                openAtFirst={false}
                tree={tree}
                focused={focused}
                onFocus={onFocus}
              />
            ))
          ) : (
            <Text component="li" role="none" size="sm" c="dimmed" pl="lg">
              {children.error ? children.error.text : t('state.loading')}
            </Text>
          )}
        </ul>
      ) : null}
    </li>
  );
}
