/** The parts of an organization's page, as they stand in the address. */
export const sections = ['overview', 'managers', 'hand-out', 'below', 'fields', 'feeds', 'keys'] as const;

export type Section = (typeof sections)[number];

export const sectionOf = (value: unknown): Section | undefined =>
  sections.find((section) => section === value);
