/** Memberships as a setting keeps them: one a line. */
export const idsIn = (value: string): string[] => value.split(/[\s,]+/).filter((id) => id !== '');
