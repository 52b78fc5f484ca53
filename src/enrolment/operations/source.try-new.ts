import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { refuse } from '../../platform/refusals.ts';
import { requireColumns, requireInside, whoAnswers } from '../sources/edit.ts';
import { makes, sourceFields } from '../sources/fields.ts';
import { preview, previewView } from '../sources/preview.ts';
import { directorySource, type SourceRow } from '../sources/store.ts';

export const sourceTryNew = operation({
  name: 'source.try-new',
  summary:
    'Try a directory before it is set up: whether it can be read, and how its first people would come in. Nothing is kept.',
  http: 'POST /sources/try',
  input: z.object({
    organizationId: z.uuid().describe('Everybody of it would belong here or below.'),
    make: z.enum(makes),
    settings: sourceFields.settings,
    password: sourceFields.password,
    base: sourceFields.base,
    objectClass: sourceFields.objectClass,
    columns: sourceFields.columns,
    places: sourceFields.places.default({ from: 'source' }),
    gives: sourceFields.gives.default([]),
  }),
  output: previewView,
  needs: {
    permission: 'source.configure',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  run: async (context, { organizationId, make, settings, password, gives, ...reading }) => {
    const { target } = context;
    if (target.off) throw refuse('organization.off');
    const would: SourceRow = {
      // Of nobody: no key here is its own.
      id: organizationId,
      organizationId,
      path: target.path,
      name: '',
      make,
      settings,
      sealed: '',
      passwordBy: null,
      reading,
      gives,
      everyMinutes: 60,
      wholeHours: 24,
      brake: { atLeast: 0, share: 0 },
      state: 'draft',
      actor: whoAnswers(context),
      cursor: null,
      nextWholeAt: null,
      version: 1,
    };
    requireColumns(directorySource(would));
    await requireInside(context, reading.places, gives);
    return preview(context, would, password);
  },
});
