import type { Declaration } from './declaration.ts';

export const partsDesk: Declaration = {
  key: 'parts-desk',
  name: 'Parts Desk',
  says: 'Panels, inverters and cable for the crews.',
  color: { light: '#0b7285', dark: '#66d9e8' },
  can: {
    viewer: 'See what is in stock, and what it costs.',
    buyer: 'Put an order together.',
    approver: 'Sign off orders of other people.',
  },
};
