import { useState } from 'react';

/** What is ticked, across pages: rows that scrolled away stay chosen. */
export type Selection<Row> = {
  has: (id: string) => boolean;
  rows: Row[];
  set: (rows: readonly Row[], chosen: boolean) => void;
  clear: () => void;
};

export function useSelection<Row>(idOf: (row: Row) => string): Selection<Row> {
  const [chosen, setChosen] = useState<ReadonlyMap<string, Row>>(new Map());
  return {
    has: (id) => chosen.has(id),
    rows: [...chosen.values()],
    set: (rows, on) =>
      setChosen((before) => {
        const after = new Map(before);
        for (const row of rows) {
          if (on) after.set(idOf(row), row);
          else after.delete(idOf(row));
        }
        return after;
      }),
    clear: () => setChosen(new Map()),
  };
}
