/** Reads what stands in the address, forgiving: a wrong value counts as absent, an address never breaks a page. */
type Raw = Record<string, unknown>;

export const text = (raw: Raw, name: string): string | undefined => {
  const value = raw[name];
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** The id of something. Anything else would ask for another address than is meant. */
export const id = (raw: Raw, name: string): string | undefined => {
  const value = text(raw, name);
  return value && isId(value) ? value : undefined;
};

export const isId = (value: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);

/** A day such as 2026-11-22, that there is. */
export const day = (raw: Raw, name: string): string | undefined => {
  const value = text(raw, name);
  if (!value || !/^\d{4}-\d\d-\d\d$/.test(value)) return undefined;
  const there = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(there.getTime()) && there.toISOString().startsWith(value) ? value : undefined;
};

export const oneOf = <const Choice extends string>(
  raw: Raw,
  name: string,
  choices: readonly Choice[],
): Choice | undefined => choices.find((choice) => choice === raw[name]);

export const flag = (raw: Raw, name: string): true | undefined =>
  raw[name] === true || raw[name] === 'true' || raw[name] === 1 ? true : undefined;
