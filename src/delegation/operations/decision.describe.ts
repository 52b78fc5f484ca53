import { z } from 'zod';
import { operation } from '../../operation/operation.ts';

export const decisionDescribe = operation({
  name: 'decision.describe',
  summary: 'Say where applications ask who may do what (AuthZEN metadata)',
  http: 'GET /.well-known/authzen-configuration',
  standardPath: true,
  input: z.object({}),
  output: z.object({
    policy_decision_point: z.string(),
    access_evaluation_endpoint: z.string(),
    access_evaluations_endpoint: z.string(),
    search_subject_endpoint: z.string(),
    search_resource_endpoint: z.string(),
    search_action_endpoint: z.string(),
  }),
  needs: 'public',
  effect: 'reading',
  run: async ({ config }) => {
    const at = config.url.replace(/\/$/, '');
    return {
      policy_decision_point: at,
      access_evaluation_endpoint: `${at}/access/v1/evaluation`,
      access_evaluations_endpoint: `${at}/access/v1/evaluations`,
      search_subject_endpoint: `${at}/access/v1/search/subject`,
      search_resource_endpoint: `${at}/access/v1/search/resource`,
      search_action_endpoint: `${at}/access/v1/search/action`,
    };
  },
});
