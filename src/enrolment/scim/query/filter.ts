import { isKeepable } from '../protocol/json.ts';
import { comparedPlace, findPlace, nameOf, type Place, subOf } from '../protocol/path.ts';
import { scimError } from '../protocol/problem.ts';
import type { Attribute, ResourceType } from '../protocol/schema.ts';
import { instantOf } from '../protocol/values.ts';

/** A filter as it was understood (RFC 7644, section 3.4.2.2): names are resolved, values fit their attribute. */
export type Filter =
  | { is: 'and' | 'or'; of: Filter[] }
  | { is: 'not'; of: Filter }
  | { is: 'present'; at: Place }
  | { is: 'compare'; at: Place; op: Comparison; value: string | number | boolean }
  /** `emails[type eq "work"]`: some one value fulfills all of it; places inside are parts of that value */
  | { is: 'some'; at: Place; of: Filter };

export const comparisons = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const;
export type Comparison = (typeof comparisons)[number];

/** Longer or deeper is nobody's question: what is refused here costs nothing further on. */
export const filterLimits = { characters: 8192, depth: 20, terms: 200, lookUps: 20 };

const code = 'scim.invalid-filter';

type Token = { kind: 'word' | 'text' | '(' | ')' | '[' | ']' | 'end'; text: string; at: number };

type Found = (name: string) => Place | undefined;

/**
 * Reads a filter in one pass, from left to right.
 * @throws Refusal `scim.invalid-filter`
 */
export function parseFilter(written: string, type: ResourceType): Filter {
  const reader = new Reader(written);
  const filter = reader.either((name) => findPlace(name, type), 0);
  reader.expect('end');
  return filter;
}

/**
 * The filter between the brackets of `members[value eq "1"]`, and where it ends; for paths of PATCH.
 * @throws Refusal `scim.invalid-filter`
 */
export function parseValueFilter(written: string, attribute: Attribute): { filter: Filter; rest: string } {
  const reader = new Reader(written);
  reader.expect('[');
  const filter = reader.either(inside(attribute), 1);
  const end = reader.expect(']');
  return { filter, rest: written.slice(end.at + 1) };
}

/** Inside brackets, names are parts of the value; of a plain value, only `value` is one. */
const inside =
  (attribute: Attribute): Found =>
  (name) => {
    const sub = attribute.subAttributes
      ? subOf(attribute, name)
      : name.toLowerCase() === 'value'
        ? { ...attribute, name: 'value', multiValued: false }
        : undefined;
    return sub && { attribute: sub };
  };

/** Found apart for each resource: hundreds of such questions would keep the database busy for minutes. */
const isLookedUp = ({ attribute, sub }: Place): boolean =>
  ['groups', 'members'].includes(attribute.name) ||
  (attribute.name === 'meta' && (!sub || sub.name === 'lastModified'));

class Reader {
  readonly #written: string;
  #at = 0;
  #next: Token;
  #terms = 0;
  #lookUps = 0;

  constructor(written: string) {
    this.#written = written;
    if (written.length > filterLimits.characters)
      throw scimError(code, 'scim.too-long', { limit: filterLimits.characters });
    this.#next = this.#read();
  }

  either(found: Found, depth: number): Filter {
    if (depth > filterLimits.depth) throw scimError(code, 'scim.too-deep', { limit: filterLimits.depth });
    return this.#chain('or', () => this.#chain('and', () => this.#one(found, depth)));
  }

  expect(kind: Token['kind']): Token {
    const token = this.#next;
    if (token.kind !== kind) throw this.#unreadable(token);
    if (kind !== 'end' && kind !== ']') this.#next = this.#read();
    return token;
  }

  // Flat, not nested: a thousand times `and` is one level.
  #chain(word: 'and' | 'or', part: () => Filter): Filter {
    const of = [part()];
    while (this.#isWord(word)) {
      this.#next = this.#read();
      of.push(part());
    }
    return of.length === 1 ? of[0]! : { is: word, of };
  }

  #one(found: Found, depth: number): Filter {
    if (++this.#terms > filterLimits.terms)
      throw scimError(code, 'scim.too-many-terms', { limit: filterLimits.terms });
    if (this.#next.kind === '(') return this.#grouped(found, depth);
    const name = this.expect('word');
    if (name.text.toLowerCase() === 'not' && (this.#next.kind as Token['kind']) === '(')
      return { is: 'not', of: this.#grouped(found, depth) };
    const at = found(name.text);
    // A secret is neither shown nor guessed letter by letter; to the asker it is no attribute.
    if (!at || at.attribute.returned === 'never' || at.sub?.returned === 'never')
      throw scimError(code, 'scim.unknown-attribute', { name: name.text.slice(0, 100) });
    if (isLookedUp(at) && ++this.#lookUps > filterLimits.lookUps)
      throw scimError(code, 'scim.too-many-terms', { limit: filterLimits.lookUps });
    if ((this.#next.kind as Token['kind']) === '[') return this.#some(at, depth);
    return this.#comparison(at);
  }

  #grouped(found: Found, depth: number): Filter {
    this.expect('(');
    const filter = this.either(found, depth + 1);
    this.expect(')');
    return filter;
  }

  #some(at: Place, depth: number): Filter {
    const bracket = this.#next;
    if (at.sub || !(at.attribute.multiValued || at.attribute.type === 'complex'))
      throw this.#unreadable(bracket);
    this.expect('[');
    const of = this.either(inside(at.attribute), depth + 1);
    this.expect(']');
    this.#next = this.#read();
    return { is: 'some', at, of };
  }

  #comparison(at: Place): Filter {
    const word = this.expect('word');
    const op = word.text.toLowerCase();
    if (op === 'pr') return { is: 'present', at };
    if (!(comparisons as readonly string[]).includes(op)) throw this.#unreadable(word);
    const value = this.#value();
    // "Unassigned" and null are the same (RFC 7643, section 2.5), so this asks whether there is one.
    if (value === null) {
      if (op === 'eq') return { is: 'not', of: { is: 'present', at } };
      if (op === 'ne') return { is: 'present', at };
      throw scimError(code, 'scim.operator', { operator: op, name: nameOf(at) });
    }
    const place = comparedPlace(at);
    if (!place) throw scimError(code, 'scim.operator', { operator: op, name: nameOf(at) });
    return {
      is: 'compare',
      at: place,
      op: op as Comparison,
      value: this.#fitting(place, op as Comparison, value),
    };
  }

  #fitting(place: Place, op: Comparison, value: string | number | boolean): string | number | boolean {
    const attribute = place.sub ?? place.attribute;
    const name = nameOf(place);
    const wrongType = () => scimError(code, 'scim.type', { name, type: attribute.type });
    if (!operatorsOf[attribute.type].includes(op))
      throw scimError(code, 'scim.operator', { operator: op, name });
    switch (attribute.type) {
      case 'boolean': {
        // "True" in quotes is a habit of some clients.
        const said = typeof value === 'string' ? booleans.get(value.toLowerCase()) : value;
        if (typeof said !== 'boolean') throw wrongType();
        return said;
      }
      case 'integer':
      case 'decimal':
        if (typeof value !== 'number') throw wrongType();
        return value;
      case 'dateTime': {
        const instant = typeof value === 'string' ? instantOf(value) : undefined;
        if (instant === undefined) throw wrongType();
        return instant;
      }
      default:
        if (typeof value !== 'string') throw wrongType();
        return value;
    }
  }

  #value(): string | number | boolean | null {
    const token = this.#next;
    if (token.kind === 'text') {
      this.#next = this.#read();
      return this.#unescaped(token);
    }
    const word = this.expect('word');
    const lower = word.text.toLowerCase();
    if (lower === 'null') return null;
    const said = booleans.get(lower);
    if (said !== undefined) return said;
    const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(word.text)
      ? Number(word.text)
      : Number.NaN;
    if (!Number.isFinite(number)) throw this.#unreadable(word);
    return number;
  }

  /** A string is one of JSON, escapes and all. */
  #unescaped(token: Token): string {
    let text: unknown;
    try {
      text = JSON.parse(token.text);
    } catch {
      throw this.#unreadable(token);
    }
    if (typeof text !== 'string' || !isKeepable(text)) throw this.#unreadable(token);
    return text;
  }

  #isWord(word: string): boolean {
    return this.#next.kind === 'word' && this.#next.text.toLowerCase() === word;
  }

  #read(): Token {
    const written = this.#written;
    while (written[this.#at] === ' ' || written[this.#at] === '\t') this.#at++;
    const at = this.#at;
    const first = written[at];
    if (first === undefined) return { kind: 'end', text: '', at };
    if (first === '(' || first === ')' || first === '[' || first === ']') {
      this.#at++;
      return { kind: first, text: first, at };
    }
    if (first === '"') {
      let end = at + 1;
      while (end < written.length && written[end] !== '"') end += written[end] === '\\' ? 2 : 1;
      this.#at = end + 1;
      return { kind: 'text', text: written.slice(at, end + 1), at };
    }
    while (this.#at < written.length && !' \t()[]"'.includes(written[this.#at]!)) this.#at++;
    return { kind: 'word', text: written.slice(at, this.#at), at };
  }

  #unreadable(token: Token) {
    return scimError(code, 'scim.unreadable', {
      at: token.at + 1,
      near: token.kind === 'end' ? '…' : token.text.slice(0, 40).toWellFormed(),
    });
  }
}

const booleans = new Map([
  ['true', true],
  ['false', false],
]);

const order: Comparison[] = ['gt', 'ge', 'lt', 'le'];
const parts: Comparison[] = ['co', 'sw', 'ew'];
const same: Comparison[] = ['eq', 'ne'];

/** "Boolean and Binary attributes SHALL cause a failed response" when asked for more or less (section 3.4.2.2). */
const operatorsOf: Record<Attribute['type'], Comparison[]> = {
  string: [...same, ...order, ...parts],
  reference: [...same, ...order, ...parts],
  binary: same,
  boolean: same,
  integer: [...same, ...order],
  decimal: [...same, ...order],
  dateTime: [...same, ...order],
  complex: [],
};
