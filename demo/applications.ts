/** The two applications of the demo, as the power user registers them. */
export const demoApplications = [
  {
    key: 'parts-desk',
    name: 'Parts Desk',
    description: 'Order panels, inverters and cable.',
    roles: [
      { key: 'viewer', name: 'Viewer', description: 'Looks at stock and prices.' },
      { key: 'buyer', name: 'Buyer', description: 'Puts orders together.' },
      { key: 'approver', name: 'Approver', description: 'Signs orders off.' },
    ],
  },
  {
    key: 'field-notes',
    name: 'Field Notes',
    description: 'Reports from the sites.',
    roles: [
      { key: 'reader', name: 'Reader', description: 'Reads reports.' },
      { key: 'author', name: 'Author', description: 'Writes reports.' },
    ],
  },
] as const;
