import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { newId } from '../../platform/ids.ts';
import { writtenName } from '../../platform/names.ts';
import { refuse } from '../../platform/refusals.ts';
import {
  attachmentsOf,
  attachmentView,
  mayStillAttach,
  mediaTypeOf,
  mostBytes,
  mostFiles,
  namedAs,
} from '../attachments.ts';
import { readRequest, stateOf, targetOf } from '../store.ts';
import { takingPart } from '../talk.ts';

export const requestAttach = operation({
  name: 'request.attach',
  summary: 'Add a file to your request, for those who decide it.',
  http: 'POST /requests/{requestId}/attachments',
  input: z.object({
    requestId: z.uuid(),
    name: writtenName
      .min(1)
      .describe('What the file is called; it is kept with the ending of what it is, such as `.pdf`.'),
    content: z.base64().max(8_000_000).describe('A PDF, PNG or JPEG of 5 MB at most, in base64.'),
  }),
  output: z.object({ attachments: z.array(attachmentView) }),
  needs: 'self',
  effect: 'changing',
  events: ['request.attached'],
  bodyLimit: 8 * 1024 * 1024,
  run: async (context, { requestId, name, content }) => {
    const { db, at } = context;
    const { row, concerned } = await takingPart(context, requestId);
    if (!concerned) throw refuse('not-found');
    const bytes = Buffer.from(content, 'base64');
    const mediaType = mediaTypeOf(bytes);
    if (!mediaType || bytes.length > mostBytes) throw refuse('attachment.not-taken');
    if ((await attachmentsOf(db, requestId)).length >= mostFiles) throw refuse('attachment.too-many');
    await mayStillAttach(db, row);
    const attachmentId = newId(at.getTime());
    await sql`
      insert into request_attachment (id, request_id, name, media_type, content, added_by, added_at)
      values (${attachmentId}, ${requestId}, ${namedAs(mediaType, name)}, ${mediaType}, ${bytes}, ${context.user().userId}, ${at})`.execute(
      db,
    );
    await sql`update request set version = version + 1 where id = ${requestId}`.execute(db);
    const { organizationId, path, userId } = targetOf(row);
    context.record({
      type: 'request.attached',
      targetKind: 'request',
      targetId: requestId,
      organizationId,
      path,
      subjectId: userId ?? row.requesterId,
      // its digest among the files, and nothing else of it
      before: stateOf(row),
      after: { ...stateOf((await readRequest(db, requestId))!), attachmentId },
    });
    return { attachments: await attachmentsOf(db, requestId) };
  },
});
