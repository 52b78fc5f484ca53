import de from './i18n/problems/de.json' with { type: 'json' };
import en from './i18n/problems/en.json' with { type: 'json' };
import fr from './i18n/problems/fr.json' with { type: 'json' };
import nl from './i18n/problems/nl.json' with { type: 'json' };
import { type Refusal, refuse } from './refusals.ts';
import { sayer } from './say.ts';

/** What can be wrong with an input, as the end of a sentence that names the field. */
export type Problem = keyof typeof en;

export const problem = sayer<Problem>({ en, nl, de, fr });

type Values = Record<string, string | number>;

/** For a check of a schema: said when it fails, in the language of whoever sent it. */
export const saying = (key: Problem, values?: Values): { error: () => string } => ({
  error: () => problem(key, values),
});

/** An input that is wrong beyond what its schema sees; `field` is undefined where it is the whole. */
export function invalid(field: string | undefined, key: Problem, values?: Values): Refusal {
  const text = problem(key, values);
  return field === undefined
    ? refuse('input.invalid', { problem: text })
    : refuse('input.invalid', { problem: `${field}: ${text}`, field });
}
