import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { RequestRow } from './store.ts';

/** Files beside a request, where an approver wants to see one: for whoever asked, and for those who may decide. */
export const attachmentView = z.object({
  attachmentId: z.uuid(),
  name: z.string(),
  mediaType: z.string(),
  bytes: z.number().int(),
  at: z.string(),
});
export type AttachmentView = z.infer<typeof attachmentView>;

export const mostBytes = 5 * 1024 * 1024;
export const mostFiles = 5;

const beginnings = [
  { mediaType: 'application/pdf', endings: ['pdf'], bytes: [0x25, 0x50, 0x44, 0x46, 0x2d] },
  {
    mediaType: 'image/png',
    endings: ['png'],
    bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  },
  { mediaType: 'image/jpeg', endings: ['jpg', 'jpeg', 'jfif'], bytes: [0xff, 0xd8, 0xff] },
] as const;

const longestName = 200;

/**
 * Its name with the ending of what it is: by that a computer chooses what opens it, and one that begins like a PDF may be
 * a page or a program besides.
 */
export function namedAs(mediaType: string, name: string): string {
  const endings: readonly string[] = beginnings.find((one) => one.mediaType === mediaType)!.endings;
  const [, ending] = /\.([^.]*)$/.exec(name) ?? [];
  if (ending !== undefined && endings.includes(ending.toLowerCase())) return name;
  const added = `.${endings[0]}`;
  const kept = name.slice(0, longestName - added.length).toWellFormed();
  return `${kept}${added}`;
}

/** What a file is by how it begins, whatever it is called; undefined for what is not taken. */
export const mediaTypeOf = (content: Uint8Array): string | undefined =>
  beginnings.find(({ bytes }) => bytes.every((byte, at) => content[at] === byte))?.mediaType;

/** The open step, or one before it, wants a file. */
export const wantsAttachment = ({ plan, step }: Pick<RequestRow, 'plan' | 'step'>): boolean =>
  plan.slice(0, step + 1).some(({ attachment }) => attachment === 'required');

/** The same of any step, for whoever asks: a file that is there from the beginning voids no yes. */
export const willWantAttachment = ({ plan, state, files }: RequestRow): boolean =>
  state === 'open' && files.length === 0 && plan.some(({ attachment }) => attachment === 'required');

/**
 * Once somebody has said yes, files are added only in answer to a question that was put since, or where a step wants one
 * and has none: whoever decides knows what stands there, and earlier yes have to be given again (`request_files_changed`).
 * @throws Refusal `attachment.after-yes`
 */
export async function mayStillAttach(db: Kysely<DB>, row: RequestRow): Promise<void> {
  const { rows } = await sql`
    select 1 from request_decision d where d.request_id = ${row.id} and d.approve and d.undone_at is null and d.outdated_at is null
      and not exists (select 1 from request_comment c where c.request_id = d.request_id and c.kind = 'question'
        and c.said_at >= d.decided_at)
    limit 1`.execute(db);
  if (rows.length > 0 && !(await lacksAttachment(db, row))) throw refuse('attachment.after-yes');
}

export async function attachmentsOf(db: Kysely<DB>, requestId: string): Promise<AttachmentView[]> {
  const { rows } = await sql<AttachmentView>`
    select id as "attachmentId", name, media_type as "mediaType", length(content) as bytes, to_jsonb(added_at) #>> '{}' as at
    from request_attachment where request_id = ${requestId} order by added_at, id`.execute(db);
  return rows;
}

/** It may not be approved yet, neither by somebody nor by time. */
export const lacksAttachment = async (db: Kysely<DB>, row: RequestRow): Promise<boolean> =>
  wantsAttachment(row) && (await attachmentsOf(db, row.id)).length === 0;

/** Files are not kept longer than somebody may ask about the decision: 90 days after it. */
export async function tidyAttachments(db: Kysely<DB>): Promise<void> {
  await sql`delete from request_attachment a using request q where q.id = a.request_id and q.state <> 'open'
    and coalesce(q.decided_at, q.created_at) < remit_now() - interval '90 days'`.execute(db);
}
