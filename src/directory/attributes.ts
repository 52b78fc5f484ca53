/** Fields that an organization defines for its people and those below, and the values they may take. Pure. */
export const attributeKinds = ['text', 'number', 'date', 'boolean', 'choice'] as const;
export type AttributeKind = (typeof attributeKinds)[number];

export type AttributeDefinition = {
  key: string;
  label: string;
  kind: AttributeKind;
  choices: string[];
  required: boolean;
};

export type AttributeValue = string | number | boolean | null;
export type Attributes = Record<string, AttributeValue>;

/** What is wrong with one value, as the end of a sentence; undefined when it fits. */
export function problemOf(definition: AttributeDefinition, value: AttributeValue): string | undefined {
  if (value === null || value === '')
    return definition.required ? `${definition.label} is required` : undefined;
  switch (definition.kind) {
    case 'text':
      return typeof value === 'string' && value.length <= 1000
        ? undefined
        : `${definition.label} must be a text of at most 1000 characters`;
    case 'number':
      return typeof value === 'number' && Number.isFinite(value)
        ? undefined
        : `${definition.label} must be a number`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `${definition.label} must be true or false`;
    case 'date':
      return typeof value === 'string' && isDay(value)
        ? undefined
        : `${definition.label} must be a day such as 2026-01-31`;
    case 'choice':
      return typeof value === 'string' && definition.choices.includes(value)
        ? undefined
        : `${definition.label} must be one of: ${definition.choices.join(', ')}`;
  }
}

function isDay(text: string): boolean {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  return day !== undefined && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/**
 * Values after a change: given ones replace, null removes, others stay as they are. Values whose field is not
 * (or no longer) defined may stay or be removed, but not be written.
 * @returns the new values, or what is wrong with each field
 */
export function applyAttributes(
  definitions: readonly AttributeDefinition[],
  before: Attributes,
  change: Attributes,
): { values: Attributes } | { problems: string[] } {
  const problems: string[] = [];
  const values: Attributes = { ...before };
  for (const [key, value] of Object.entries(change)) {
    const definition = definitions.find((known) => known.key === key);
    if (!definition) {
      if (value !== null) problems.push(`there is no field ${key} here`);
    } else {
      const problem = problemOf(definition, value);
      if (problem) problems.push(problem);
    }
    if (value === null || value === '') delete values[key];
    else values[key] = value;
  }
  for (const definition of definitions) {
    if (definition.required && values[definition.key] === undefined && !(definition.key in change))
      problems.push(`${definition.label} is required`);
  }
  return problems.length > 0 ? { problems } : { values };
}
