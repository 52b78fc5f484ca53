import { z } from 'zod';
import { organizationId } from '../../directory/fields.ts';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { problem } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import { domainsFor, openAndLive } from '../known-addresses.ts';
import { mostPastedLines, readPastedPeople } from '../pasted-people.ts';
import { verdictOf, verdicts } from '../rules.ts';
import { addressesHere } from '../store.ts';

export const invitationCheck = operation({
  name: 'invitation.check',
  summary: 'Read people out of pasted text and say what would become of each; sends nothing.',
  http: 'POST /organizations/{organizationId}/invitations/check',
  input: z.object({
    organizationId,
    text: z.string().max(500_000).describe('Whatever was pasted: addresses, names, a table.'),
  }),
  output: z.object({
    people: z.array(
      z.object({
        line: z.number().int(),
        text: z.string(),
        email: z.string().optional(),
        name: z.string().optional(),
        verdict: z.enum(verdicts),
      }),
    ),
    counts: z.record(z.enum(verdicts), z.number().int()),
  }),
  needs: {
    permission: 'user.invite',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  run: async (context, input) => {
    if (input.text.split(/\r\n|\r|\n/).length > mostPastedLines)
      throw refuse('input.too-large', { limit: problem('limit.lines', { number: mostPastedLines }) });
    const people = readPastedPeople(input.text);
    if (people.length > mostPastedLines)
      throw refuse('input.too-large', { limit: problem('limit.people', { number: mostPastedLines }) });
    const normals = [...new Set(people.flatMap(({ email }) => email?.normal ?? []))];
    const known = {
      here: await addressesHere(context.db, input.organizationId, normals, context.at),
      open: await openAndLive(context, context.target, normals),
      domains: await domainsFor(context, context.target.path),
    };
    const seen = new Set<string>();
    const counts = Object.fromEntries(verdicts.map((verdict) => [verdict, 0])) as Record<
      (typeof verdicts)[number],
      number
    >;
    return {
      people: people.map(({ line, text, email, displayName }) => {
        const verdict = verdictOf(email, seen, known);
        if (email) seen.add(email.normal);
        counts[verdict] += 1;
        return {
          line,
          text: text.slice(0, 300),
          verdict,
          ...(email ? { email: email.address } : {}),
          ...(displayName ? { name: displayName } : {}),
        };
      }),
      counts,
    };
  },
});
