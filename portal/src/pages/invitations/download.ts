import { call } from '../../api/client.ts';
import type { Input, Item } from '../../api/types.ts';
import { csvOf, saveFile } from '../../parts/save-file.ts';

type Invitation = Item<'invitation.list'>;
const columns = ['person', 'email', 'organization', 'state', 'sent', 'until', 'by'] as const;
export type InvitationColumn = (typeof columns)[number];

/** Every page of the list as it is filtered now, as a file for a spreadsheet. */
export async function downloadInvitations(
  filter: Pick<Input<'invitation.list'>, 'state' | 'organizationId' | 'search'>,
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
  saveFile('invitations.csv', 'text/csv', csvOf(lines));
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
