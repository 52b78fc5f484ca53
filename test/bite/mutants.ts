import { readFileSync } from 'node:fs';
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

/** Every condition of a source file, removed or inverted, one at a time. SQL and type annotations are left alone. */
export function mutantsOf(file: string, path: string): Mutant[] {
  const code = readFileSync(path, 'utf8');
  const lines = code.split('\n');
  const seen = new Map<string, number>();
  const found: Mutant[] = [];
  const add = (node: { start: number; end: number }, text: string, what: string): void => {
    const line = code.slice(0, node.start).split('\n').length;
    const name = `${file} | ${lines[line - 1]!.trim()} | ${what}`;
    const before = (seen.get(name) ?? 0) + 1;
    seen.set(name, before);
    found.push({
      file,
      start: node.start,
      end: node.end,
      text,
      name: before === 1 ? name : `${name} (${before})`,
    });
  };
  const textOf = (node: Node): string => code.slice(node.start, node.end);
  const visit = (node: Node): void => {
    if (node.type.startsWith('TS') && node.type !== 'TSNonNullExpression' && node.type !== 'TSAsExpression')
      return;
    if (node.type === 'LogicalExpression' || node.type === 'BinaryExpression') {
      const operator = String(node.operator);
      const other = swapped[operator];
      const left = node.left as Node;
      const right = node.right as Node;
      const at = code.indexOf(operator, left.end);
      if (other && at < right.start)
        add({ start: at, end: at + operator.length }, other, `${operator} for ${other}`);
    }
    if (node.type === 'UnaryExpression' && node.operator === '!')
      add({ start: node.start, end: node.start + 1 }, '!!', 'a negation dropped');
    if (node.type === 'IfStatement') {
      const test = node.test as Node;
      add(test, `false && (${textOf(test)})`, 'never true');
    }
    if (node.type === 'ConditionalExpression') {
      const test = node.test as Node;
      add(test, `!(${textOf(test)})`, 'the other way round');
    }
    if (node.type === 'MemberExpression') {
      const property = node.property as Node & { name?: string };
      if (property.name === 'every') add(property, 'some', 'every for some');
      if (property.name === 'some') add(property, 'every', 'some for every');
    }
    if (node.type === 'Literal' && typeof node.value === 'boolean')
      add(node, String(!node.value), `${node.value} for ${!node.value}`);
    for (const value of Object.values(node))
      for (const child of Array.isArray(value) ? value : [value])
        if (child && typeof child === 'object' && typeof (child as Node).type === 'string')
          visit(child as Node);
  };
  visit(parseAst(code, { lang: 'ts' } as never) as unknown as Node);
  return found;
}
