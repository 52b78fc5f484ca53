import { useRead } from '../api/queries.ts';
import { useSession } from '../api/session.ts';

/** Does somebody report to the reader, in the membership that they act in? */
export function useLeads(): boolean {
  const { membership } = useSession();
  const first = useRead('report.list', { limit: 1 }, { enabled: membership.usable });
  return (first.data?.items.length ?? 0) > 0;
}
