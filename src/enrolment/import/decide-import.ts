import { sql } from 'kysely';
import { z } from 'zod';
import { type Chain, type EntitlementLimit, limitCovers, type Target } from '../../authority/delegation.ts';
import { mayHangBelow, passingOnLeft } from '../../authority/within.ts';
import { describeExcess } from '../../authority/words.ts';
import { requireMayBringIn } from '../../directory/grants.ts';
import { lockOrganizationToChange } from '../../directory/store.ts';
import type { Context } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { decode, encodings } from '../files/encoding.ts';
import { asGiver } from '../offer.ts';
import { checkCeiling, importerChain, loadCeiling, permissionsFor } from './ceiling.ts';
import { type ColumnNames, columns, type FileName, fileNames } from './files.ts';
import { hashPlan, makePlan, type Plan } from './plan.ts';
import type { Problems } from './problems.ts';
import { checkAddresses } from './protected.ts';
import { loadStand, type Stand } from './stand.ts';
import { readTake } from './take.ts';
import type { Work } from './work.ts';

/** A file as text, or as bytes whose encoding is found out. */
const fileInput = z.union([
  z.string(),
  z.object({ base64: z.base64(), encoding: z.enum(encodings).optional() }).strict(),
]);

/** What a take-over is asked with; the same for the plan and for its application. */
export const importInput = {
  organizationId: z.uuid().describe('The organization below which the files’ root lands.'),
  files: z
    .record(z.string().max(200), fileInput)
    .describe(`By name: ${fileNames.join(', ')}; only the first is required.`),
  columns: z
    .record(z.string(), z.record(z.string(), z.string().max(200)))
    .optional()
    .describe('Where a heading is called something else: by file and column, the heading that holds it.'),
  handOut: z
    .object({
      applicationIds: z.array(z.uuid()).max(1000).default([]),
      entitlementIds: z.array(z.uuid()).max(1000).default([]),
    })
    .optional()
    .describe('What the tree may hand out besides the applications of its own files; the first time only.'),
};
export const bodyLimit = 50 * 1024 * 1024;

export type ImportAsked = {
  organizationId: string;
  files: Record<string, string | { base64: string; encoding?: (typeof encodings)[number] | undefined }>;
  columns?: Record<string, Record<string, string>> | undefined;
  handOut?: { applicationIds: string[]; entitlementIds: string[] } | undefined;
};

export type Decided = {
  problems: Problems;
  /** absent while there are problems that keep the difference from being told */
  work: Work | undefined;
  planHash: string;
};

/** Files as text; bytes that are not of their encoding are a problem of their line. */
export function readFiles(files: ImportAsked['files']): {
  texts: Record<string, string>;
  bad: [string, number, string][];
} {
  const texts: Record<string, string> = {};
  const bad: [string, number, string][] = [];
  for (const [name, file] of Object.entries(files)) {
    if (typeof file === 'string') {
      texts[name] = file;
      continue;
    }
    const decoded = decode(Buffer.from(file.base64, 'base64'), file.encoding);
    if ('text' in decoded) texts[name] = decoded.text;
    else bad.push([name, decoded.badLine, decoded.encoding]);
  }
  return { texts, bad };
}

/**
 * Everything of a take-over but its writing: reads the files, compares them with what stands, decides them under
 * the actor's one chain. `lock` holds the place where the tree lands, so that nothing changes before it is written.
 */
export async function decideImport(
  context: Context,
  target: Target,
  asked: ImportAsked,
  lock = false,
): Promise<Decided> {
  const { texts, bad } = readFiles(asked.files);
  const known = Object.fromEntries(Object.entries(asked.columns ?? {}).filter(([file]) => file in columns));
  const { take, problems } = readTake(texts, known as ColumnNames);
  for (const [file, line, encoding] of bad) {
    // The file is there: what cannot be read of it is the problem, not that it is missing.
    problems.drop('file-missing', file);
    problems.add('encoding', file as FileName, line, undefined, { encoding: encoding.toUpperCase() });
  }
  if (take.organizations.length === 0) return { problems, work: undefined, planHash: '' };
  if (lock) await lockOrganizationToChange(context.db, target.organizationId);
  const giver = await asGiver(context);
  const stand = await loadStand(context.db, target.organizationId, take);
  const plan = makePlan(take, stand, target.path, problems);
  const because = importerChain(giver.facts, target, permissionsFor(plan, stand.topId === undefined));
  requireDepth(because, plan, stand);
  await requireHandOut(giver, because, asked);
  if (plan.memberships.create.length > 0)
    await requireMayBringIn(giver, [
      target.path,
      ...[...stand.organizations.values()].map(({ path }) => path),
    ]);
  const ceiling = await loadCeiling(giver, target, stand, because);
  checkCeiling(ceiling, { take, stand, plan, target }, problems);
  await checkAddresses(giver, plan, problems);
  const also = {
    applications: asked.handOut?.applicationIds ?? [],
    entitlements: asked.handOut?.entitlementIds ?? [],
  };
  return {
    problems,
    work: { target, take, stand, plan, ceiling, also },
    planHash: hashPlan(plan, [
      target.organizationId,
      target.path,
      stand.topId ?? null,
      asked.handOut ?? null,
    ]),
  };
}

/** The tree's ceiling hangs below the importer's link, and its managers below that: both have to be allowed to. */
function requireDepth(because: Chain, plan: Plan, stand: Stand): void {
  const links = (stand.topId === undefined ? 1 : 0) + (plan.managers.create.length > 0 ? 1 : 0);
  if (links > 0 && (!mayHangBelow(because) || passingOnLeft(because) < links - 1))
    throw refuse('delegation.outside', {
      missing: describeExcess({ piece: 'passing-on' }),
      piece: 'passing-on',
    });
}

/** What the tree may hand out besides its own applications is given, so the importer has to have it (I01). */
async function requireHandOut(context: Context, because: Chain, { handOut }: ImportAsked): Promise<void> {
  if (!handOut) return;
  const { rows } = await sql<{ id: string; applicationId: string }>`
    select a.id, a.id as "applicationId" from application a where a.id = any (${handOut.applicationIds}::uuid[])
    union all select e.id, e.application_id from entitlement e where e.id = any (${handOut.entitlementIds}::uuid[])`.execute(
    context.db,
  );
  const known = new Map(rows.map((row) => [row.id, row]));
  for (const id of [...handOut.applicationIds, ...handOut.entitlementIds]) {
    const ref = known.get(id);
    const whole = ref && ref.id === ref.applicationId;
    const covered = (limit: EntitlementLimit): boolean =>
      limit.all === true || (whole ? limit.applications.includes(id) : limitCovers(limit, ref!));
    // Absent and not one's own to give are answered alike (I08).
    if (!ref || !because.every((link) => covered(link.entitlements))) throw refuse('not-found');
  }
}
