/**
 * The routes of the public server that are no operation, and why. A test holds the server to this list, which may
 * only shrink: anything else belongs into the registry, where it gets its permission, its probe and its event.
 */
export const outsideRegistry: readonly { route: string; why: string }[] = [
  { route: 'GET /oidc/*', why: 'the OpenID provider, whose routes its standard fixes' },
  { route: 'POST /oidc/*', why: 'the same' },
  { route: 'OPTIONS /oidc/*', why: 'the same, asked by a browser first' },
  { route: 'GET /oidc/interaction/:uid', why: 'the way back from signing in to the application that asked' },
  { route: 'GET /openapi.json', why: 'describes the registry' },
  { route: 'GET /docs/api', why: 'the same for people' },
  { route: 'GET /dev/mail', why: 'mails of a demo, on loopback only' },
  { route: 'GET /dev/mail/:id', why: 'one of them' },
  { route: 'GET /*', why: 'files and pages of the portal, the same for everybody' },
  { route: 'HEAD /*', why: 'the same without a body' },
];
