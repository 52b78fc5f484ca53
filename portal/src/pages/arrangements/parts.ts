export type Part = { name: string; managerName?: string; managerEmail?: string };

/**
 * One a line: a name; or name, manager, e-mail, with commas, semicolons or tabs between them. The e-mail is whatever
 * holds an @, so that "East, east@example.org" works too.
 */
export function readParts(text: string): Part[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const pieces = line.split(/[,;\t]/).map((piece) => piece.trim());
      const email = pieces.find((piece) => piece.includes('@'))?.replace(/^.*<|>$/g, '');
      const [name = '', manager] = pieces.filter((piece) => piece && !piece.includes('@'));
      return {
        name,
        ...(manager ? { managerName: manager } : {}),
        ...(email ? { managerEmail: email } : {}),
      };
    })
    .filter(({ name }) => name !== '');
}
