import { z } from 'zod';

/**
 * How much harm a role can do in the wrong hands, as those say who look after its application. Policies ask for it, and
 * what is low can be decided many at once.
 */
export const riskClasses = ['low', 'normal', 'high'] as const;
export type RiskClass = (typeof riskClasses)[number];

export const riskClass = z
  .enum(riskClasses)
  .describe('How much harm the role can do in the wrong hands; approval policies ask for it.');
