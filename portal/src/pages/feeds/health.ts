import type { Output } from '../../api/types.ts';

export type Feed = Output<'scim-connection.read'>;

export const healthColors = {
  good: 'teal.9',
  unused: 'gray.7',
  silent: 'yellow.9',
  refused: 'yellow.9',
  stopped: 'red.9',
} as const satisfies Record<Feed['health'], string>;
