import { readFileSync } from 'node:fs';

/** Mutants that live, with the reason why that is right (survivors.txt): a mutant's name, and below it, set in, why. */
export function survivors(): Map<string, string> {
  const found = new Map<string, string>();
  let name = '';
  for (const line of readFileSync(new URL('survivors.txt', import.meta.url), 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith(' ')) found.set(name, line.trim());
    else {
      name = line;
      found.set(name, '');
    }
  }
  return found;
}
