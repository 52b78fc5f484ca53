import { type Algorithm, hash, verify } from '@node-rs/argon2';
import { problem } from './problems.ts';

/**
 * Passwords, as an acceptance, a reset and a sign-in all see them. Argon2id with 19 MiB, two passes, one lane
 * (OWASP's recommendation, and some 36 a second on one core).
 */
const cost = { algorithm: 2 satisfies Algorithm, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Shorter ones are guessed; NIST SP 800-63B asks for length, not for kinds of characters. */
export const shortestPassword = 12;
/** Longer ones cost us work and give nobody anything. */
export const longestPassword = 256;

/** The same password typed on another keyboard is the same bytes (NIST SP 800-63B, 5.1.1.2). */
export const normal = (password: string): string => password.normalize('NFKC');

export const hashPassword = (password: string): Promise<string> => hash(normal(password), cost);

export async function verifyPassword(stored: string, password: string): Promise<boolean> {
  if (password.length > longestPassword) return false;
  return verify(stored, normal(password));
}

const common = new Set(
  'password passwort wachtwoord motdepasse qwertyuiop qwerty1234 1234567890 0123456789 iloveyou12 letmein123 welcome123 administrator'.split(
    ' ',
  ),
);

/**
 * What is wrong with a new password, as the end of a sentence, or undefined when it will do.
 * @param known words that a guesser tries first: the person's name, address, organization
 */
export function passwordProblem(password: string, known: readonly string[] = []): string | undefined {
  if (password.length < shortestPassword) return problem('password.short', { number: shortestPassword });
  if (password.length > longestPassword) return problem('password.long', { number: longestPassword });
  const plain = normal(password).toLowerCase();
  if (new Set(plain).size < 4) return problem('password.few-characters');
  if (isRun(plain)) return problem('password.run');
  if (common.has(plain) || common.has(plain.replace(/[^a-z]+$/, ''))) return problem('password.common');
  if (known.some((word) => word.length >= 4 && plain.replace(word.toLowerCase(), '').length < 4))
    return problem('password.own');
  return undefined;
}

const rows = ['abcdefghijklmnopqrstuvwxyz', '01234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'];

/** A count or a row of keys, forwards or backwards, once or again and again: guessed before any word is. */
function isRun(text: string): boolean {
  const steps = rows.flatMap((row) => [row, [...row].reverse().join('')]);
  const follows = (one: string, next: string): boolean => steps.some((row) => row.includes(one + next));
  let breaks = 0;
  for (let at = 1; at < text.length; at += 1) if (!follows(text[at - 1]!, text[at]!)) breaks += 1;
  return breaks <= text.length / 6;
}
