type Texts = typeof import('./en/public.json', { with: { type: 'json' }}) &
  typeof import('./en/person.json', { with: { type: 'json' }}) &
  typeof import('./en/organizations.json', { with: { type: 'json' }}) &
  typeof import('./en/delegation.json', { with: { type: 'json' }}) &
  typeof import('./en/requests.json', { with: { type: 'json' }}) &
  typeof import('./en/asking.json', { with: { type: 'json' }}) &
  typeof import('./en/rules.json', { with: { type: 'json' }}) &
  typeof import('./en/targets.json', { with: { type: 'json' }}) &
  typeof import('./en/feeds.json', { with: { type: 'json' }}) &
  typeof import('./en/sources.json', { with: { type: 'json' }});

/** `count` chooses among the forms of a text that counts; they are one text with one key. */
type WithoutForm<Key extends string> = Key extends `${infer Base}_${'one' | 'other'}` ? Base : Key;

type Dotted<Node, Above extends string = ''> = {
  [Key in keyof Node & string]: Node[Key] extends string
    ? WithoutForm<`${Above}${Key}`>
    : Dotted<Node[Key], `${Above}${Key}.`>;
}[keyof Node & string];

/** A text of the catalogue; one that is not there does not compile. */
export type TextKey = Dotted<Texts>;

/** What stands in the holes of a text. */
export type Values = { count?: number } & Record<string, unknown>;

/**
 * The text of a key in the reader's language. A type of our own: the library's works all keys out anew for each of our
 * three thousand calls, for kinds of calls that we do not have, and that was half of all that the compiler did.
 */
export type Say = (key: TextKey, values?: Values) => string;
