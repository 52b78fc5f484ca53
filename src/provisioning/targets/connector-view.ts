import { z } from 'zod';
import type { Abilities, ConnectorField } from '../connectors/connector.ts';

/** What a connector says of itself, as forms read it. */
export const fieldView = z.object({
  key: z.string(),
  label: z.string(),
  kind: z.enum(['text', 'number', 'yes-no', 'one-of', 'address', 'long-text', 'people']),
  required: z.boolean(),
  choices: z.array(z.string()),
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
});

export const shownField = ({
  key,
  label,
  kind,
  required,
  choices,
  usual,
  help,
  many,
}: ConnectorField): z.infer<typeof fieldView> => ({
  ...{ key, label, kind },
  required: required ?? false,
  choices: [...(choices ?? [])],
  usual: usual ?? null,
  help: help ?? null,
  many: many ?? false,
});

export const shownAbilities = ({
  disable,
  delete: deletes,
  roles,
  list,
  passwords,
}: Abilities): z.infer<typeof abilityView> => ({
  disable,
  delete: deletes,
  roles,
  list,
  passwords: [...passwords],
});
