/** What tells one demo application from the other. */
export type Declaration = {
  /** as it is registered in Remit */
  key: string;
  name: string;
  /** one sentence under the name */
  says: string;
  /** CSS color of the bar on top, for light and for dark */
  color: { light: string; dark: string };
  /** what the holder of each role finds on the page, by the role's key */
  can: Record<string, string>;
};
