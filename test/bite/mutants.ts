import { parseAst } from 'vite';

/**
 * One condition of a file, changed: the text from `start` to `end` becomes `text`. The name stays the same when lines
 * move: the file, the changed line's text, what was done to it, and the how-manieth of these it is on that line.
 */
export type Mutant = { file: string; start: number; end: number; text: string; name: string };

type Node = { type: string; start: number; end: number } & Record<string, unknown>;

const swapped: Record<string, string> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '&&': '||',
  '||': '&&',
};

/**
 * Every condition of a source file, removed or inverted, one at a time; SQL and type annotations are left alone. And the
 * file with all of them built in, each behind a switch: `__mutant(n)` says whether the n-th is on.
 * @param first the number of the first of them
 */
export function mutantsOf(file: string, code: string, first = 0): { mutants: Mutant[]; switched: string } {
  const lines = code.split('\n');
  const seen = new Map<string, number>();
  const mutants: Mutant[] = [];
  /** Adds one and gives back its number. */
  const add = ({ start, end }: { start: number; end: number }, text: string, what: string): number => {
    const line = lines[code.slice(0, start).split('\n').length - 1]!.trim();
    const name = `${file} | ${line} | ${what}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    mutants.push({ file, start, end, text, name: count === 1 ? name : `${name} (${count})` });
    return first + mutants.length - 1;
  };
  const textOf = ({ start, end }: { start: number; end: number }): string => code.slice(start, end);

  /** The node's text with switches in it. */
  const visit = (node: Node): string => {
    if (node.type.startsWith('TS') && node.type !== 'TSNonNullExpression' && node.type !== 'TSAsExpression')
      return textOf(node);
    const { type } = node;
    if (type === 'LogicalExpression' || type === 'BinaryExpression') {
      const operator = String(node.operator);
      const other = swapped[operator];
      const [left, right] = [node.left as Node, node.right as Node];
      const at = { start: code.indexOf(operator, left.end), end: 0 };
      at.end = at.start + operator.length;
      if (other && at.start < right.start) {
        const on = add(at, other, `${operator} for ${other}`);
        const changed = code.slice(node.start, at.start) + other + code.slice(at.end, node.end);
        return `(__mutant(${on}) ? (${changed}) : (${within(node)}))`;
      }
    }
    if (type === 'UnaryExpression' && node.operator === '!') {
      const on = add({ start: node.start, end: node.start + 1 }, '!!', 'a negation dropped');
      return `(__mutant(${on}) ? (!${textOf(node)}) : (${within(node)}))`;
    }
    if (type === 'IfStatement') {
      const test = node.test as Node;
      const on = add(test, `false && (${textOf(test)})`, 'never true');
      return within(node, new Map([[test, (text) => `(__mutant(${on}) ? false : (${text}))`]]));
    }
    if (type === 'ConditionalExpression') {
      const test = node.test as Node;
      const on = add(test, `!(${textOf(test)})`, 'the other way round');
      return within(node, new Map([[test, (text) => `(__mutant(${on}) ? !(${textOf(test)}) : (${text}))`]]));
    }
    if (type === 'MemberExpression') {
      const property = node.property as Node & { name?: string };
      const other = property.name === 'every' ? 'some' : property.name === 'some' ? 'every' : undefined;
      if (other && !node.computed) {
        const on = add(property, other, `${property.name} for ${other}`);
        const object = node.object as Node;
        // With the parentheses that may stand around the object, and without the dot.
        const [opening, between] = [
          code.slice(node.start, object.start),
          code.slice(object.end, property.start),
        ];
        const link = between.includes('?.') ? '?.' : '';
        const closing = between.slice(0, between.lastIndexOf('.') - (link ? 1 : 0));
        return `${opening}${visit(object)}${closing}${link}[__mutant(${on}) ? '${other}' : '${property.name}']`;
      }
    }
    if (type === 'Literal' && typeof node.value === 'boolean') {
      const on = add(node, String(!node.value), `${node.value} for ${!node.value}`);
      return `(__mutant(${on}) ? ${!node.value} : ${node.value})`;
    }
    return within(node);
  };

  /** The text of a node with those below it visited. */
  const within = (node: Node, wrap?: ReadonlyMap<Node, (text: string) => string>): string => {
    let text = '';
    let at = node.start;
    for (const child of childrenOf(node)) {
      if (child.start < at) continue;
      const visited = visit(child);
      text += code.slice(at, child.start) + (wrap?.get(child)?.(visited) ?? visited);
      at = child.end;
    }
    return text + code.slice(at, node.end);
  };
  return { switched: visit(parseAst(code, { lang: 'ts' } as never) as unknown as Node), mutants };
}

/** In the order of the text; of two that begin together (a shorthand and what stands for it) the longer one. */
const childrenOf = (node: Node): Node[] =>
  Object.values(node)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter((child): child is Node => typeof child?.type === 'string' && typeof child.start === 'number')
    .sort((one, other) => one.start - other.start || other.end - one.end);
