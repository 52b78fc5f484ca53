import { type Algorithm, hash, verify } from '@node-rs/argon2';

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
const normal = (password: string): string => password.normalize('NFKC');

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
  if (password.length < shortestPassword) return `at least ${shortestPassword} characters`;
  if (password.length > longestPassword) return `at most ${longestPassword} characters`;
  const plain = normal(password).toLowerCase();
  if (new Set(plain).size < 4) return 'not the same few characters over and over';
  if (common.has(plain) || common.has(plain.replace(/[^a-z]+$/, '')))
    return 'not one that everybody tries first';
  if (known.some((word) => word.length >= 4 && plain.replace(word.toLowerCase(), '').length < 4))
    return 'not your own name or address';
  return undefined;
}
