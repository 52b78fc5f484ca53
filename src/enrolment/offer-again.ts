import type { Target } from '../authority/delegation.ts';
import type { Context } from '../operation/operation.ts';
import { decideOffer, type Offer, type Wanted } from './offer.ts';
import type { InvitationRow } from './store.ts';

/** What an invitation offered, as a wish of whoever sends it again: more days are a grant of their own (ruling 4). */
export const wantedAgain = ({ entitlementIds, accessRoleIds, delegation }: InvitationRow): Wanted => ({
  entitlementIds,
  accessRoleIds,
  manager: delegation
    ? {
        adminRoleId: delegation.adminRoleId,
        entitlements: delegation.entitlements,
        mayPassOn: delegation.mayPassOn,
        until: delegation.endsAt ? new Date(delegation.endsAt) : undefined,
      }
    : undefined,
});

/** The same offer under the doer's own links. @throws Refusal with the first part that they may not offer */
export const offerAgain = (context: Context, target: Target, row: InvitationRow): Promise<Offer> =>
  decideOffer(context, target, wantedAgain(row));
