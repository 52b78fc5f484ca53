import type { Abilities, Connector, ConnectorField, Settings } from '../connectors/connector.ts';

/** What accounts there have and what can be done with them, where the settings have a say. */
export function declaredBy(
  connector: Connector,
  settings: Settings,
): { values: readonly ConnectorField[]; can: Abilities } {
  return connector.declared?.(settings) ?? connector.description;
}
