/**
 * What stands above a reader shows neither by name nor by number (ruling 9): ancestors of links, paths, who gave
 * and who ended are left out of an event's state. Who acted is told apart, as far as the reader's reach covers them.
 */
const hidden =
  /^(chain|version|.*[pP]aths?|.*_paths?|parent.*|giver.*|given.*|granted.*|.*[a-z]By|.*_by|.*[a-z]Under|.*_under|replaces|reports?_path)$/;

/** @param isUnseen whether an id is that of something that the reader does not see: it is left out with what it names */
export function redacted(
  state: Record<string, unknown> | null,
  isUnseen: (id: string) => boolean = () => false,
): Record<string, unknown> | null {
  return state === null ? null : (without(state, isUnseen) as Record<string, unknown>);
}

function without(value: unknown, isUnseen: (id: string) => boolean): unknown {
  if (Array.isArray(value))
    return value.filter((one) => !namesUnseen(one, isUnseen)).map((one) => without(one, isUnseen));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !hidden.test(key) && !namesUnseen(inner, isUnseen))
      .map(([key, inner]) => [key, without(inner, isUnseen)]),
  );
}

function namesUnseen(value: unknown, isUnseen: (id: string) => boolean): boolean {
  if (typeof value === 'string') return isUnseen(value);
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  return typeof id === 'string' && isUnseen(id);
}
