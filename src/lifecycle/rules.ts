/** How many days before the end of a last day those who can do something about it are told, each once; furthest first. */
export const warningDays = [30, 7, 1] as const;
