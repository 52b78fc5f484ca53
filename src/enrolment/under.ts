import type { Kysely } from 'kysely';
import type { Facts } from '../authority/facts.ts';
import { linkUseKey, loadLinkFacts } from '../authority/load-facts.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { InvitationRow } from './store.ts';

type Sent = Pick<InvitationRow, 'invitedUnder' | 'inviterMembershipId'>;

/** What the links of these invitations give now; undefined for what the instance itself sent. One statement. */
export async function loadUnder(
  db: Kysely<DB>,
  rows: readonly Sent[],
): Promise<(row: Sent) => Facts | undefined> {
  const useOf = ({ invitedUnder, inviterMembershipId }: Sent) =>
    invitedUnder ? { linkId: invitedUnder, membershipId: inviterMembershipId } : undefined;
  const found = await loadLinkFacts(
    db,
    rows.flatMap((row) => useOf(row) ?? []),
  );
  return (row) => {
    const use = useOf(row);
    return use && found.get(linkUseKey(use));
  };
}
