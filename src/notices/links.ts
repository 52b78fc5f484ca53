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
  deputies: (url: string) => `${url}/me/deputies`,
  invitations: (url: string) => `${url}/invitations`,
};
