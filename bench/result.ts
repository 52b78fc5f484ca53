/** What a bench found: its figure, the goal, and whether that was met. */
export type Result = { name: string; figure: number; goal: number; unit: string };

export const result = (name: string, figure: number, goal: number, unit: string): Result => ({
  name,
  figure,
  goal,
  unit,
});

export const met = ({ figure, goal }: Result): boolean => figure <= goal;

export const say = (line = ''): void => console.log(line);
