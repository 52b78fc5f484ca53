import type { ReactNode } from 'react';

/** One column of a list: what stands in it, and whether the server can sort by it. */
export type Column<Row> = {
  key: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** the server's sort key; absent when the server cannot sort by it */
  sort?: string;
  /** not shown until chosen */
  hidden?: true;
};
