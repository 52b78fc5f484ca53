import { sql } from 'kysely';
import { z } from 'zod';
import { token } from '../../enrolment/fields.ts';
import { addressesHere } from '../../enrolment/store.ts';
import { operation } from '../../operation/operation.ts';
import { readEmailAddress } from '../../platform/email-address.ts';
import { redeemLinkSecret } from '../../platform/one-time-secrets.ts';
import { refuse } from '../../platform/refusals.ts';
import { askEvents, openRequest } from '../ask.ts';
import { wantedAccount } from '../kinds/account.ts';
import { openPage, readRegistration } from '../registration.ts';

export const registrationConfirm = operation({
  name: 'registration.confirm',
  summary: 'Prove an address by the link that was mailed to it; those who decide then see the request.',
  http: 'POST /registration-proofs',
  input: z.object({ token }),
  output: z.object({ organizationName: z.string(), email: z.string() }),
  needs: 'public',
  effect: 'changing',
  strangersPerMinute: 20,
  events: ['registration.confirmed', ...askEvents],
  run: async (context, input) => {
    const { db, at } = context;
    const secret = await redeemLinkSecret(db, 'registration', input.token);
    const row = secret?.subjectId ? await readRegistration(db, secret.subjectId) : undefined;
    if (!row) throw refuse('auth.code-invalid');
    const { target, name } = await openPage(db, row.organizationId);
    const address = readEmailAddress(row.email)!;
    // Only whoever reads the mail of this address gets here, so they may know where it is at home.
    if ((await addressesHere(db, row.organizationId, [address.normal], at)).has(address.normal))
      throw refuse('membership.exists');
    const { row: request } = await openRequest(
      context,
      wantedAccount(target, address, {
        displayName: row.displayName,
        title: '',
        message: '',
        lastDay: null,
        proved: true,
        reason: row.message,
      }),
    );
    await sql`update registration set request_id = ${request.id} where id = ${row.id}`.execute(db);
    context.record({
      type: 'registration.confirmed',
      targetKind: 'registration',
      targetId: row.id,
      organizationId: row.organizationId,
      path: target.path,
      after: { id: row.id, requestId: request.id },
    });
    return { organizationName: name, email: row.email };
  },
});
