/**
 * Where mails lead. Each is a page of the portal and none has an effect by being opened: scanners follow them.
 * A secret stands behind `#`, which browsers send to no server, so that no log and no referrer has it.
 */
export const links = {
  invitation: (url: string, secret: string) => `${url}/invitation#${secret}`,
  registration: (url: string, secret: string) => `${url}/register/confirm#${secret}`,
  recovery: (url: string, secret: string) => `${url}/recovery#${secret}`,
  home: (url: string) => `${url}/`,
  access: (url: string) => `${url}/me/access`,
  account: (url: string) => `${url}/me`,
  delegations: (url: string) => `${url}/me/delegations`,
  request: (url: string, requestId: string) => `${url}/requests/${requestId}`,
  requests: (url: string) => `${url}/requests`,
  /** somebody; of those who left, with what they left and who takes it over */
  person: (url: string, membershipId: string) => `${url}/people/${membershipId}`,
  /** who looks after an organization */
  managers: (url: string, organizationId: string) =>
    `${url}/organizations/${organizationId}?section=managers`,
  policies: (url: string) => `${url}/policies`,
  /** of somebody: where it is moved by one click */
  lastDay: (url: string, membershipId: string) => `${url}/people/${membershipId}/last-day`,
  /** one's own: where a later one is asked for */
  lastDayAsk: (url: string) => `${url}/ask?kind=last-day`,
  /** a connected system */
  target: (url: string, targetId: string) => `${url}/targets/${targetId}`,
  /** a directory from which people come in */
  source: (url: string, sourceId: string) => `${url}/sources/${sourceId}`,
  /** all of them, and who is gone from them */
  sources: (url: string) => `${url}/sources`,
  deputies: (url: string) => `${url}/me/deputies`,
  invitations: (url: string) => `${url}/invitations`,
};
