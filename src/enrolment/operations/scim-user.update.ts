import { operation } from '../../operation/operation.ts';
import { patching, writeUser, writingOfUser } from '../scim/people/writing.ts';

export const scimUserUpdate = operation({
  ...writingOfUser,
  name: 'scim-user.update',
  summary: 'Change parts of somebody as a feed says: name, title, dates, suspended or not (SCIM 2.0).',
  http: 'PATCH /scim/{organizationId}/v2/Users/{membershipId}',
  run: writeUser(patching),
});
