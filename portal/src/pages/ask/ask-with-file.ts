import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import { isProblem, Problem } from '../../api/problem.ts';
import type { Input, Output } from '../../api/types.ts';
import { catalogue } from '../../i18n/catalogue.ts';
import { attach } from '../requests/attach.ts';

type Asked = Output<'request.create'> & {
  /** why it stands without the file that was to come with it */
  withoutFile: Problem | undefined;
};

/** Asks, and adds the file in the same go: what is wanted from the beginning has no approval given twice. */
export function useAskWithFile(
  file: File | null,
  onAsked: (asked: Asked) => void,
): UseMutationResult<Asked, Problem, Input<'request.create'>> {
  const client = useQueryClient();
  return useMutation<Asked, Problem, Input<'request.create'>>({
    mutationFn: async (input) => {
      const asked = await call('request.create', input);
      if (!file || !asked.wantsAttachment) return { ...asked, withoutFile: undefined };
      try {
        await attach(asked.requestId, file);
        return { ...asked, wantsAttachment: false, withoutFile: undefined };
      } catch (error) {
        const fault = new Problem(0, 'server.fault', catalogue.t('problem.fault'));
        return { ...asked, withoutFile: isProblem(error) ? error : fault };
      }
    },
    onSuccess: async (asked) => {
      onAsked(asked);
      await client.invalidateQueries();
    },
  });
}
