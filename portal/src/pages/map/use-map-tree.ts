import { useQueries } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { call } from '../../api/client.ts';
import type { Problem } from '../../api/problem.ts';
import { keyOf, useRead } from '../../api/queries.ts';
import type { Item, Output } from '../../api/types.ts';

export type MapNode = Item<'map.read'>;

/** One organization as it stands in the tree that is drawn, from the top down. */
export type MapRow = {
  node: MapNode;
  level: number;
  /** position among its siblings that are loaded, and how many there are */
  position: number;
  siblings: number;
  parentId: string | null;
  expanded: boolean;
  loading: boolean;
  problem: Problem | null;
  /** how many of its children are not loaded yet; asked for by `showMore` */
  more: number;
};

export type MapTree = {
  top: ReturnType<typeof useRead<'map.read'>>;
  rows: MapRow[];
  toggle: (id: string) => void;
  expand: (ids: readonly string[]) => void;
  showMore: (id: string) => void;
};

const pageSize = 50;
/** For the pages at the top; no organization has it. */
const topKey = '';

type Pages = ReadonlyMap<string, readonly (string | undefined)[]>;

/**
 * The part of the tree that is looked at: a branch is read when it is opened, fifty at a time, so that ten thousand
 * organizations cost what is on the screen.
 */
export function useMapTree(
  opened: readonly string[],
  /** shown in its branch even where its page is not read: somebody searched for it */
  chosen: MapNode | undefined,
): MapTree {
  const [pages, setPages] = useState<Pages>(() => new Map(opened.map((id) => [id, [undefined]])));
  const top = useRead('map.read', { limit: pageSize });
  const asked = useMemo(
    () => [...pages].flatMap(([id, cursors]) => cursors.map((cursor) => ({ id, cursor }))),
    [pages],
  );
  const answers = useQueries({
    queries: asked.map(({ id, cursor }) => {
      const input = { ...(id === topKey ? {} : { organizationId: id }), cursor, limit: pageSize };
      return {
        queryKey: keyOf('map.read', input),
        queryFn: ({ signal }: { signal: AbortSignal }): Promise<Output<'map.read'>> =>
          call('map.read', input, { signal }),
      };
    }),
  });

  const toggle = useCallback(
    (id: string): void =>
      setPages((was) => {
        const next = new Map(was);
        if (!next.delete(id)) next.set(id, [undefined]);
        return next;
      }),
    [],
  );
  const expand = useCallback(
    (ids: readonly string[]): void =>
      setPages((was) =>
        ids.every((id) => was.has(id))
          ? was
          : new Map([
              ...was,
              ...ids.filter((id) => !was.has(id)).map((id) => [id, [undefined]] as [string, undefined[]]),
            ]),
      ),
    [],
  );

  const branches = new Map<
    string,
    { items: MapNode[]; next?: string; loading: boolean; problem: Problem | null }
  >();
  asked.forEach(({ id }, index) => {
    const answer = answers[index];
    const branch = branches.get(id) ?? { items: [], loading: false, problem: null };
    branches.set(id, {
      items: [...branch.items, ...(answer?.data?.items ?? [])],
      ...(answer?.data?.next ? { next: answer.data.next } : {}),
      loading: branch.loading || (answer?.isPending ?? false),
      problem: branch.problem ?? (answer?.error as Problem | null | undefined) ?? null,
    });
  });
  const showMore = (id: string): void => {
    const next = id === topKey ? (branches.get(topKey)?.next ?? top.data?.next) : branches.get(id)?.next;
    if (!next) return;
    setPages((was) => {
      const asked = was.get(id) ?? [];
      // Pressed twice before the answer came.
      return asked.includes(next) ? was : new Map([...was, [id, [...asked, next]]]);
    });
  };

  const rows: MapRow[] = [];
  const walk = (loaded: readonly MapNode[], parent: MapNode | null, level: number): void => {
    const parentId = parent?.id ?? null;
    const lacks =
      chosen && parent && chosen.parentId === parentId && loaded.every(({ id }) => id !== chosen.id);
    const nodes = lacks ? [...loaded, chosen] : loaded;
    nodes.forEach((node, index) => {
      const branch = branches.get(node.id);
      rows.push({
        ...{ node, level, parentId, position: index + 1 },
        siblings: Math.max(nodes.length, parent?.childCount ?? 0),
        expanded: branch !== undefined && node.childCount > 0,
        loading: branch?.loading ?? false,
        problem: branch?.problem ?? null,
        more: branch?.next ? Math.max(0, node.childCount - branch.items.length) : 0,
      });
      if (branch) walk(branch.items, node, level + 1);
    });
  };
  walk([...(top.data?.items ?? []), ...(branches.get(topKey)?.items ?? [])], null, 1);
  return { top, rows, toggle, expand, showMore };
}

/** Whether there are more at the top than are shown. */
export const topId = topKey;
