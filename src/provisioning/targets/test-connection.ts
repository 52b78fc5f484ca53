import type { Config } from '../../platform/config.ts';
import { openEgress } from '../../platform/egress.ts';
import { openEgressSockets } from '../../platform/egress-socket.ts';
import {
  type ByHand,
  type Connector,
  ConnectorError,
  type Finding,
  type Settings,
} from '../connectors/connector.ts';
import { inWords } from '../connectors/words.ts';

/** Longer than this nobody waits before a screen; milliseconds. */
const longest = 15_000;

/** Asks the other system whether it is there and as it should be; changes nothing. Never throws what it answered. */
export async function testConnection(
  { egress: rules, dropDir }: Pick<Config, 'egress' | 'dropDir'>,
  connector: Connector,
  settings: Settings,
  secrets: Settings,
  byHand?: ByHand,
): Promise<Finding[]> {
  const egress = openEgress(rules);
  try {
    const reaching = {
      egress,
      sockets: openEgressSockets(rules),
      deadline: AbortSignal.timeout(longest),
      roles: [],
      dropFolder: dropDir,
      byHand,
    };
    const session = await connector.open(settings, secrets, reaching);
    try {
      return (await session.test()).map(({ level, text }) => ({ level, text: inWords(text) }));
    } finally {
      await session.close();
    }
  } catch (error) {
    // Its message holds no secret and no value, by its type.
    if (error instanceof ConnectorError) return [{ level: 'bad', text: inWords(error.message) }];
    throw error;
  } finally {
    egress.close();
  }
}
