import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OperationName, operationNames, operations } from '../../src/server/operations.gen.ts';
import { statusOf } from '../../src/server/problem.ts';
import { acts } from '../probes/acts.ts';
import { type Actor, actorNames, places, type Things } from '../probes/landscape.ts';
import { type Outcome, openStage, type Stage } from '../probes/stage.ts';

/**
 * The authorization matrix: who may do what to things at which place, printed from what the pipeline really did, so
 * that a changed policy is a changed table that a person reads. `npm run generate:matrix` writes it anew.
 */
const file = new URL('../authorization-matrix.txt', import.meta.url);
const writes = process.env.REMIT_TEST_WRITE_MATRIX === '1';

const legend = `The authorization matrix: subject x operation x object, over two branches of a tree.
Printed from real runs by \`npm run generate:matrix\`; a test compares it. A changed policy is a changed table.

The tree        root ( acme ( acmeNorth ( acmeNorthSite ), acmeSouth ), acme2 ( acme2North ), beta )
                acme stands at r.1 and acme2 at r.10: look-alikes.
Columns         where the object stands; "own" where an operation is about the caller alone
yes             done, or shown
empty           answered, with nothing of that place in it
404             refused as if it were not there
403             seen, and may not
401             nobody signed in, or a key or a session that no longer counts
a word          may, but something else stands in the way (docs/errors.md)

Subjects        owner, auditor: over everything. acmeManager, acmePeer (managers), acmeHelpDesk, acmeApplicationManager,
                acmeKey (a machine): over acme and below. northManager: over acmeNorth and below; appointed by
                acmeManager. acme2Manager: over acme2 and below.
                holedManager: over acme without acmeNorth. guardian: over one named person in acmeSouth.
                mixedManager: manager of acmeSouth, who acts as a mere member of beta now.
                leaver, suspendedManager, pausedManager, expiredManager, scheduledManager: managers of acme who have
                left, are suspended, whose delegation is paused, over, or still to come.
                acmeMember, siteMember (of acmeNorthSite), betaMember: mere members. stranger: nobody.
`;

/** Registers the test of one part of the operations: a part is a file, so that two run side by side. */
export function matrixPart(part: number, parts: number): void {
  const names = writes
    ? part === 0
      ? operationNames
      : []
    : operationNames.filter((_, index) => index % parts === part);
  const sections = new Map<OperationName, string>();
  let stage: Stage;
  beforeAll(async () => {
    if (names.length > 0) stage = await openStage();
  });
  afterAll(async () => {
    await stage?.close();
    if (writes && part === 0) writeFileSync(file, bookOf(sections));
  });
  describe('the authorization matrix', () => {
    if (names.length === 0)
      it('is written by its first part', () => {
        expect(writes).toBe(true);
      });
    for (const name of names)
      it(name, async () => {
        const section = await sectionOf(stage, name);
        sections.set(name, section);
        if (!writes)
          expect(section).toBe(committed().get(name) ?? 'not in the matrix: npm run generate:matrix');
      });
  });
}

const bookOf = (sections: ReadonlyMap<OperationName, string>): string =>
  `${legend}\n${operationNames.map((name) => sections.get(name)).join('\n')}`;

/** The committed tables, by operation; each begins with a line `## name`. */
export function committed(): Map<string, string> {
  const [, ...sections] = readFileSync(file, 'utf8').split(/^(?=## )/m);
  return new Map(
    sections.map((section, index) => [
      /^## (\S+)/.exec(section)![1]!,
      index === sections.length - 1 ? section : section.replace(/\n$/, ''),
    ]),
  );
}

async function sectionOf(stage: Stage, name: OperationName): Promise<string> {
  const { needs, http, summary } = operations[name];
  const needed =
    typeof needs === 'string'
      ? needs
      : 'target' in needs
        ? needs.permission
        : `${needs.permission}, within reach`;
  const columns = acts[name].own ? (['own'] as const) : places;
  const rows: { cells: string[]; subjects: string[] }[] = [];
  for (const subject of actorNames) {
    const actor = stage.actors[subject];
    const cells: string[] = [];
    for (const column of columns) {
      const at = column === 'own' ? actor.base : column;
      cells.push(await cellOf(stage, actor, name, stage.things[at], at, column === 'own'));
    }
    const same = rows.find((row) => row.cells.join() === cells.join());
    if (same) same.subjects.push(subject);
    else rows.push({ cells, subjects: [subject] });
  }
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map(({ cells }) => cells[index]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    `  ${cells
      .map((cell, index) => cell.padEnd(widths[index]! + 2))
      .join('')
      .trimEnd()}`;
  const lines = rows.map(({ cells, subjects }) => `${line(cells)}\n      ${subjects.join(', ')}`);
  return `## ${name}  (${needed})\n${summary.replace(/\.$/, '')}. ${http}\n\n${line(columns)}\n${lines.join('\n')}\n`;
}

async function cellOf(
  stage: Stage,
  actor: Actor,
  name: OperationName,
  things: Things,
  at: keyof Stage['things'],
  own: boolean,
): Promise<string> {
  const { input } = acts[name] as (typeof acts)['user.list'];
  const outcome = await stage.play(actor, name, input(things, stage));
  const { answer } = outcome;
  if (!answer.ok) return answer.code === 'not-found' ? '404' : short(answer);
  const lines = (answer.output as { results?: { ok?: boolean; refusal?: { code: string } }[] } | null)
    ?.results;
  const refused = lines?.find((line) => line.ok === false)?.refusal;
  if (refused)
    return refused.code === 'not-found' ? '404' : refused.code === 'not-permitted' ? '403' : refused.code;
  if (own || operations[name].effect !== 'reading')
    return outcome.written.length > 0 || own ? 'yes' : 'empty';
  const shown = JSON.stringify(answer.output).toLowerCase();
  const here =
    Object.values(things).some((id) => shown.includes(id)) || shown.includes(`canary-${at.toLowerCase()}-`);
  return here || /"effect":"permit"|will-invite|"ok":true|"people":[1-9]|"count":[1-9]/.test(shown)
    ? 'yes'
    : 'empty';
}

function short(answer: Extract<Outcome['answer'], { ok: false }>): string {
  const status = statusOf[answer.kind as keyof typeof statusOf];
  return status === 403 && answer.code !== 'not-permitted'
    ? answer.code
    : status <= 404 && status !== 400
      ? String(status)
      : answer.code;
}
