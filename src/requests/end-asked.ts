import { datedBy, readIn, timeZoneOf } from '../directory/by-day.ts';
import type { Context } from '../operation/operation.ts';
import { invalid } from '../platform/problems.ts';

/** An instant that is still to come. @throws Refusal `input.invalid` */
export function laterThanNow({ at }: Pick<Context, 'at'>, until: string | undefined): Date | null {
  const endsAt = until ? new Date(until) : null;
  if (endsAt && endsAt <= at) throw invalid('until', 'in-the-past');
  return endsAt;
}

/**
 * Until when somebody asks for something at a place: by an instant, or by a day in the zone of that organization.
 * @throws Refusal `input.invalid`: it is past, or said twice
 */
export async function endAsked(
  context: Context,
  input: { until?: string | undefined; lastDay?: string | undefined },
  organizationId: string,
): Promise<{ endsAt: Date | null; lastDay?: string }> {
  const dated = datedBy(input);
  if (!dated.lastDay) return { endsAt: laterThanNow(context, input.until) };
  const { until } = readIn(dated, await timeZoneOf(context.db, organizationId));
  if (until! <= context.at) throw invalid('lastDay', 'in-the-past');
  return { endsAt: until!, lastDay: dated.lastDay };
}
