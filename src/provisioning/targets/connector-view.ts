import { z } from 'zod';
import type { Abilities, ConnectorField } from '../connectors/connector.ts';
import { inWords, labelOf } from '../connectors/words.ts';

/** What a connector says of itself, as forms read it. */
export const fieldView = z.object({
  key: z.string(),
  label: z.string(),
  kind: z.enum(['text', 'number', 'yes-no', 'one-of', 'address', 'long-text', 'people']),
  required: z.boolean(),
  choices: z.array(z.string()),
  choiceLabels: z
    .record(z.string(), z.string())
    .describe('What choices are called, in your language; one that is not here is called by itself.'),
  usual: z.string().nullable(),
  help: z.string().nullable(),
  many: z.boolean(),
});

export const abilityView = z.object({
  disable: z.boolean(),
  delete: z.boolean(),
  roles: z.boolean(),
  list: z.enum(['whole', 'none']),
  passwords: z
    .array(z.enum(['clear', 'ssha512', 'bcrypt', 'argon2id']))
    .describe('Forms in which it takes one.'),
  calls: z.boolean().describe('It is called, as often as its limits allow; false where people are asked.'),
});

export const shownField = ({
  key,
  label,
  kind,
  required,
  choices,
  choiceLabels,
  usual,
  help,
  many,
}: ConnectorField): z.infer<typeof fieldView> => ({
  ...{ key, label: labelOf({ key, label }), kind },
  required: required ?? false,
  choices: [...(choices ?? [])],
  choiceLabels: Object.fromEntries(
    Object.entries(choiceLabels ?? {})
      .filter(([choice]) => choices?.includes(choice))
      .map(([choice, text]) => [choice, inWords(text)]),
  ),
  usual: usual ?? null,
  help: help === undefined ? null : inWords(help),
  many: many ?? false,
});

export const shownAbilities = ({
  disable,
  delete: deletes,
  roles,
  list,
  passwords,
  calls,
}: Abilities): z.infer<typeof abilityView> => ({
  disable,
  delete: deletes,
  roles,
  list,
  passwords: [...passwords],
  calls: calls ?? true,
});
