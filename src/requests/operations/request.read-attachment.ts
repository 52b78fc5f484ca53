import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { mayRead } from '../reading.ts';
import { readRequest } from '../store.ts';

export const requestReadAttachment = operation({
  name: 'request.read-attachment',
  summary: 'Read a file that stands beside a request.',
  http: 'GET /requests/{requestId}/attachments/{attachmentId}',
  input: z.object({ requestId: z.uuid(), attachmentId: z.uuid() }),
  // as text in JSON: no browser ever takes it for a page of this site
  output: z.object({ name: z.string(), mediaType: z.string(), content: z.string().describe('In base64.') }),
  needs: 'self',
  effect: 'reading',
  run: async (context, { requestId, attachmentId }) => {
    const row = await readRequest(context.db, requestId);
    if (!row || !(await mayRead(context, row)).may) throw refuse('not-found');
    const { rows } = await sql<{ name: string; mediaType: string; content: Buffer }>`
      select name, media_type as "mediaType", content from request_attachment
      where id = ${attachmentId} and request_id = ${requestId}`.execute(context.db);
    const [found] = rows;
    if (!found) throw refuse('not-found');
    return { ...found, content: found.content.toString('base64') };
  },
});
