/**
 * What stands above a reader shows neither by name nor by number (ruling 9): ancestors of links, paths, who gave
 * and who ended are left out of an event's state. Who acted is told apart, as far as the reader's reach covers them.
 */
const hidden =
  /^(chain|version|.*[pP]aths?|.*_paths?|parent.*|giver.*|given.*|granted.*|.*[a-z]By|.*_by|.*[a-z]Under|.*_under|replaces|reports?_path)$/;

export function redacted(state: Record<string, unknown> | null): Record<string, unknown> | null {
  return state === null ? null : (without(state) as Record<string, unknown>);
}

function without(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(without);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !hidden.test(key))
      .map(([key, inner]) => [key, without(inner)]),
  );
}
