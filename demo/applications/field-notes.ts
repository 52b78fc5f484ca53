import type { Declaration } from './declaration.ts';

export const fieldNotes: Declaration = {
  key: 'field-notes',
  name: 'Field Notes',
  says: 'Reports from the sites.',
  color: { light: '#5f3dc4', dark: '#d0bfff' },
  can: {
    reader: 'Read what others found on site.',
    author: 'Write a report of your own.',
  },
};
