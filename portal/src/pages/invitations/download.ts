import { call } from '../../api/client.ts';
import type { Input, Item } from '../../api/types.ts';

type Invitation = Item<'invitation.list'>;
const columns = ['person', 'email', 'organization', 'state', 'sent', 'until', 'by'] as const;
export type InvitationColumn = (typeof columns)[number];

/** Every page of the list as it is filtered now, as a file for a spreadsheet. */
export async function downloadInvitations(
  filter: Pick<Input<'invitation.list'>, 'state' | 'organizationId'>,
  header: (column: InvitationColumn) => string,
): Promise<void> {
  const rows: Invitation[] = [];
  let cursor: string | undefined;
  do {
    const page: { items: Invitation[]; next?: string | undefined } = await call('invitation.list', {
      ...filter,
      limit: 200,
      cursor,
    });
    rows.push(...page.items);
    cursor = page.next;
  } while (cursor);
  const lines = [columns.map(header), ...rows.map(cellsOf)];
  saveFile('invitations.csv', 'text/csv', lines.map((cells) => cells.map(quoted).join(',')).join('\r\n'));
}

const cellsOf = (row: Invitation): string[] => [
  row.displayName,
  row.email,
  row.organizationName,
  row.state,
  row.sentAt ?? row.createdAt,
  row.expiresAt,
  row.invitedByName ?? '',
];

/** Spreadsheets run what begins like a formula, and names come from outside. */
const quoted = (cell: string): string =>
  `"${(/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell).replaceAll('"', '""')}"`;

/** Hands the reader a file that was put together here. */
export function saveFile(name: string, type: string, content: string): void {
  const address = URL.createObjectURL(new Blob([content], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
