import { operation } from '../../operation/operation.ts';
import { replacing, writeUser, writingOfUser } from '../scim/people/writing.ts';

export const scimUserReplace = operation({
  ...writingOfUser,
  name: 'scim-user.replace',
  summary: 'Change the whole of somebody to what a feed sends (SCIM 2.0).',
  http: 'PUT /scim/{organizationId}/v2/Users/{membershipId}',
  run: writeUser(replacing),
});
