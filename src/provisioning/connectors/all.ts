import { byHandConnector } from './by-hand.ts';
import type { Connector } from './connector.ts';
import { csvConnector } from './csv.ts';
import { httpConnector } from './http.ts';
import { ldapConnector } from './ldap.ts';
import { activeDirectoryConnector } from './ldap-ad.ts';
import { scimConnector } from './scim.ts';
import { sqlConnector } from './sql.ts';
import { webhookConnector } from './webhook.ts';

/** Every connector there is. A new one is one file and one line here (docs/connectors.md). */
export const connectors: readonly Connector[] = [
  scimConnector,
  ldapConnector,
  activeDirectoryConnector,
  sqlConnector,
  httpConnector,
  csvConnector,
  webhookConnector,
  byHandConnector,
];

export const connectorNamed = (name: string): Connector | undefined =>
  connectors.find(({ description }) => description.name === name);
