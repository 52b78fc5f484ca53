import { type Command, Option } from 'commander';
import type { z } from 'zod';

/**
 * An operation's input as options of a command: `parentId` is `--parent-id`, a list is an option that may be
 * repeated, anything nested is JSON. The schema itself judges; here text is only offered to it in both readings.
 */
export const optionName = (field: string): string =>
  field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A field of this name is given within the whole input, which the option of the same name takes. */
export const wholeOnly = 'input';

export function addOptions(command: Command, input: z.ZodObject): void {
  for (const [field, schema] of Object.entries(input.shape) as [string, z.ZodType][]) {
    if (field === wholeOnly) continue;
    const required = !schema.safeParse(undefined).success;
    const flag = `--${optionName(field)}`;
    const description = `${schema.description ?? ''}${required ? ' (required)' : ''}`.trim();
    const inner = unwrapped(schema);
    // An option that is there means yes; `--below false` says no.
    const option = new Option(
      inner.type === 'boolean' || isFlag(schema) ? `${flag} [yes]` : `${flag} <${placeholder(inner)}>`,
      description,
    );
    if (inner.type === 'array')
      option.argParser((value: string, all: string[] | undefined) => [...(all ?? []), value]);
    const choices = inner.type === 'enum' ? Object.keys(inner.entries!) : undefined;
    if (choices && choices.length <= 12)
      option.description = `${description} One of ${choices.join(', ')}.`.trim();
    command.addOption(option);
  }
}

/** The input that the given options mean; an absent option is an absent field. */
export function inputFrom(options: Record<string, unknown>, input: z.ZodObject): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [field, schema] of Object.entries(input.shape) as [string, z.ZodType][]) {
    if (field === wholeOnly) continue;
    const given = options[field];
    if (given !== undefined) fields[field] = read(given as string | string[] | boolean, schema);
  }
  return fields;
}

function read(given: string | string[] | boolean, schema: z.ZodType): unknown {
  if (typeof given === 'boolean') return given;
  if (!Array.isArray(given)) return fitting(given, schema);
  const { element } = unwrapped(schema);
  // One value may be the whole list, as JSON.
  if (given.length === 1) {
    const whole = fromJson(given[0]!);
    if (Array.isArray(whole)) return whole;
  }
  return given.map((value) => (element ? fitting(value, element) : value));
}

/** The text itself where the schema takes it, else what it says as JSON, else the text for the schema to refuse. */
function fitting(text: string, schema: z.ZodType): unknown {
  if (schema.safeParse(text).success) return text;
  const value = fromJson(text);
  return value !== undefined && (typeof value === 'object' || schema.safeParse(value).success) ? value : text;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Definition = {
  type: string;
  innerType?: z.ZodType;
  in?: z.ZodType;
  element?: z.ZodType;
  entries?: Record<string, string>;
  options?: z.ZodType[];
  format?: string;
};

/** The type inside `optional`, `default` and the like. */
function unwrapped(schema: z.ZodType): Definition {
  const def = schema.def as unknown as Definition;
  const inner = def.innerType ?? (def.type === 'pipe' ? def.in : undefined);
  return inner ? unwrapped(inner) : def;
}

/** A union that takes yes or no. */
const isFlag = (schema: z.ZodType): boolean =>
  unwrapped(schema).options?.some((one) => (one.def as unknown as Definition).type === 'boolean') ?? false;

function placeholder(def: Definition): string {
  if (def.type === 'string')
    return def.format === 'uuid' || def.format === 'guid' ? 'id' : def.format === 'date' ? 'day' : 'text';
  if (def.type === 'number' || def.type === 'int') return 'number';
  if (def.type === 'enum') return 'word';
  if (def.type === 'array') return def.element ? placeholder(unwrapped(def.element)) : 'json';
  return 'json';
}
