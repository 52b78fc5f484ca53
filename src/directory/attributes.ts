import { problem } from '../platform/problems.ts';

/** Fields that an organization defines for its people and those below, and the values they may take. Pure. */
export const attributeKinds = ['text', 'number', 'date', 'boolean', 'choice'] as const;
export type AttributeKind = (typeof attributeKinds)[number];

export type AttributeDefinition = {
  key: string;
  label: string;
  kind: AttributeKind;
  choices: string[];
  required: boolean;
  /** whoever may change people there; the person, too; or whoever may see the person at all */
  seenBy: SeenBy;
  /** whoever may change people there; the person, too; or nobody but imports and feeds */
  changedBy: ChangedBy;
  /** stands in tokens, for applications that ask for it */
  claim: boolean;
};

export const seenBys = ['managers', 'self', 'everybody'] as const;
export type SeenBy = (typeof seenBys)[number];
export const changedBys = ['managers', 'self', 'source'] as const;
export type ChangedBy = (typeof changedBys)[number];

export type AttributeValue = string | number | boolean | null;
export type Attributes = Record<string, AttributeValue>;

/** What is wrong with one value, as the end of a sentence; undefined when it fits. */
export function problemOf(definition: AttributeDefinition, value: AttributeValue): string | undefined {
  if (value === null || value === '')
    return definition.required ? problem('attribute.required', { label: definition.label }) : undefined;
  switch (definition.kind) {
    case 'text':
      return typeof value === 'string' && value.length <= 1000
        ? undefined
        : problem('attribute.text', { label: definition.label });
    case 'number':
      return typeof value === 'number' && Number.isFinite(value)
        ? undefined
        : problem('attribute.number', { label: definition.label });
    case 'boolean':
      return typeof value === 'boolean'
        ? undefined
        : problem('attribute.boolean', { label: definition.label });
    case 'date':
      return typeof value === 'string' && isDay(value)
        ? undefined
        : problem('attribute.date', { label: definition.label });
    case 'choice':
      return typeof value === 'string' && definition.choices.includes(value)
        ? undefined
        : problem('attribute.choice', { label: definition.label, choices: definition.choices.join(', ') });
  }
}

function isDay(text: string): boolean {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  return day !== undefined && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** Who writes: somebody who may change the person, the person, or what feeds them in. */
export type Writer = ChangedBy;

export const mayWrite = ({ changedBy }: AttributeDefinition, by: Writer): boolean =>
  by === 'source' || (by === 'managers' ? changedBy !== 'source' : changedBy === 'self');

/** Who reads: somebody who may change the person, the person, or whoever else may see the person. */
export type Reader = 'managers' | 'self' | 'others';

/** Whom it is shown to: those who may change the person see all of it. */
export const isSeenBy = ({ seenBy }: AttributeDefinition, reader: Reader): boolean =>
  reader === 'managers' || seenBy === 'everybody' || (reader === 'self' && seenBy === 'self');

/**
 * Values after a change: given ones replace, null removes, others stay as they are. Values whose field is not
 * (or no longer) defined may stay or be removed, but not be written, and so may those of fields that others fill in.
 * @returns the new values, or what is wrong with each field
 */
export function applyAttributes(
  definitions: readonly AttributeDefinition[],
  before: Attributes,
  change: Attributes,
  by: Writer = 'managers',
): { values: Attributes } | { problems: string[] } {
  const problems: string[] = [];
  const values: Attributes = { ...before };
  for (const [key, value] of Object.entries(change)) {
    const definition = definitions.find((known) => known.key === key);
    if (!definition || !(by === 'source' || isSeenBy(definition, by))) {
      // What one may not see is answered as what is not there.
      if (value !== null || definition) problems.push(problem('attribute.unknown', { key }));
    } else if (!mayWrite(definition, by)) {
      problems.push(problem('attribute.not-yours', { label: definition.label }));
    } else {
      const wrong = problemOf(definition, value);
      if (wrong) problems.push(wrong);
    }
    if (value === null || value === '') delete values[key];
    else values[key] = value;
  }
  for (const definition of definitions) {
    if (
      definition.required &&
      mayWrite(definition, by) &&
      values[definition.key] === undefined &&
      !(definition.key in change)
    )
      problems.push(problem('attribute.required', { label: definition.label }));
  }
  return problems.length > 0 ? { problems } : { values };
}

/** Of somebody's values those that this reader sees; of fields that are not defined any more, only who may change them. */
export function shownAttributes(
  definitions: readonly AttributeDefinition[],
  values: Attributes,
  reader: Reader,
): Attributes {
  const shown = Object.entries(values).filter(([key]) => {
    const definition = definitions.find((known) => known.key === key);
    return definition ? isSeenBy(definition, reader) : reader === 'managers';
  });
  return Object.fromEntries(shown);
}
