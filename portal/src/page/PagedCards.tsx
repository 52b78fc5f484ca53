import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Problem } from '../api/problem.ts';
import { CardList } from './CardList.tsx';
import { Loaded } from './Loaded.tsx';

type Props<One> = {
  query: UseQueryResult<{ items: One[]; next?: string | undefined }, Problem>;
  /** what they are, to whoever hears the page */
  label: string;
  gap?: 'xs' | 'md';
  notAllowed: string;
  /** said where there is none */
  none: { title: string; text: string };
  /** the way to the page that begins there */
  next: (cursor: string) => ReactNode;
  /** a `Card` of one of them */
  children: (one: One) => ReactNode;
};

/** A list that comes page by page, each of its things a card: in all its states. */
export function PagedCards<One>({
  query,
  label,
  gap,
  notAllowed,
  none,
  next,
  children,
}: Props<One>): ReactNode {
  return (
    <Loaded
      query={query}
      notAllowed={notAllowed}
      empty={{ when: ({ items }) => items.length === 0, ...none, action: null }}
    >
      {(page) => (
        <CardList label={label} {...(gap ? { gap } : {})} next={page.next ? next(page.next) : null}>
          {page.items.map(children)}
        </CardList>
      )}
    </Loaded>
  );
}
