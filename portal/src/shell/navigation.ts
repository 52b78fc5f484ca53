import {
  IconAddressBook,
  IconAlertTriangle,
  IconApps,
  IconArrowsSplit2,
  IconBuilding,
  IconChecklist,
  IconFriends,
  IconHome,
  IconInbox,
  IconKey,
  IconListDetails,
  IconMail,
  IconMap,
  IconPlugConnected,
  IconShoppingBag,
  IconTimeline,
  IconUserCog,
  IconUserShare,
  IconUsers,
  IconUsersGroup,
  IconWand,
  IconWebhook,
  type TablerIcon,
} from '@tabler/icons-react';
import type { Permission } from '../../../src/authority/permissions.ts';

/**
 * Where one can go. `needs`: shown to those who may do one of these somewhere; `leads`: to whom somebody reports;
 * without either: to everybody signed in.
 * `to` must be a route.
 */
export const navigation = [
  { group: 'mine', key: 'home', to: '/', icon: IconHome },
  { group: 'mine', key: 'access', to: '/me/access', icon: IconApps },
  { group: 'mine', key: 'ask', to: '/ask', icon: IconShoppingBag },
  // only for whom somebody reports to
  { group: 'mine', key: 'team', to: '/team', icon: IconUsersGroup, leads: true },
  // everybody has some: a policy may ask anybody, and one's own stand there, too
  { group: 'mine', key: 'requests', to: '/requests', icon: IconInbox },
  { group: 'mine', key: 'delegations', to: '/me/delegations', icon: IconUserShare },
  { group: 'manage', key: 'people', to: '/people', icon: IconUsers, needs: ['user.read'] },
  {
    group: 'manage',
    key: 'organizations',
    to: '/organizations',
    icon: IconBuilding,
    needs: ['organization.read'],
  },
  { group: 'manage', key: 'map', to: '/map', icon: IconMap, needs: ['organization.read'] },
  { group: 'manage', key: 'invitations', to: '/invitations', icon: IconMail, needs: ['user.invite'] },
  {
    group: 'manage',
    key: 'applications',
    to: '/applications',
    icon: IconListDetails,
    needs: ['application.configure'],
  },
  {
    group: 'manage',
    key: 'accessRoles',
    to: '/access-roles',
    icon: IconKey,
    needs: ['access-role.configure'],
  },
  {
    group: 'manage',
    key: 'adminRoles',
    to: '/admin-roles',
    icon: IconUserCog,
    needs: ['admin-role.configure'],
  },
  { group: 'manage', key: 'groups', to: '/groups', icon: IconFriends, needs: ['group.configure'] },
  { group: 'manage', key: 'rules', to: '/rules', icon: IconWand, needs: ['access-rule.configure'] },
  {
    group: 'manage',
    key: 'separation',
    to: '/separation',
    icon: IconArrowsSplit2,
    needs: ['separation.configure'],
  },
  {
    group: 'manage',
    key: 'policies',
    to: '/policies',
    icon: IconChecklist,
    needs: ['approval-policy.configure'],
  },
  {
    group: 'manage',
    key: 'attention',
    to: '/attention',
    icon: IconAlertTriangle,
    needs: ['delegation.read'],
  },
  { group: 'manage', key: 'sources', to: '/sources', icon: IconAddressBook, needs: ['source.configure'] },
  { group: 'manage', key: 'targets', to: '/targets', icon: IconPlugConnected, needs: ['target.read'] },
  { group: 'manage', key: 'webhooks', to: '/webhooks', icon: IconWebhook, needs: ['webhook.configure'] },
  { group: 'manage', key: 'trail', to: '/trail', icon: IconTimeline, needs: ['audit.read'] },
] as const satisfies readonly Place[];

type Place = {
  group: 'mine' | 'manage';
  key: string;
  to: string;
  icon: TablerIcon;
  needs?: readonly Permission[];
  /** for line managers */
  leads?: true;
};

export type NavigationKey = (typeof navigation)[number]['key'];

export function placesFor(may: readonly Permission[], leads: boolean): (typeof navigation)[number][] {
  return navigation.filter(
    (place) =>
      (!('needs' in place) || (place.needs as readonly Permission[]).some((one) => may.includes(one))) &&
      (leads || !('leads' in place)),
  );
}
