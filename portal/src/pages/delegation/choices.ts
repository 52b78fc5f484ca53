import type { Item } from '../../api/types.ts';

/** What one can choose in the address of a page; apart, so that the routes do not load the pages. */
export const attentionKinds = [
  'never-signed-in',
  'one-manager',
  'no-manager',
  'unused-delegation',
  'expiring-delegation',
  'webhook-off',
  'unused-account',
  'expired-invitation',
  'left-behind',
] as const satisfies readonly Item<'attention.list'>['kind'][];

export const endingDays = ['7', '30', '90', '365'] as const;
