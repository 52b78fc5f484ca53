import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { connectors } from '../connectors/all.ts';
import { inWords } from '../connectors/words.ts';
import { abilityView, fieldView, shownAbilities, shownField } from '../targets/connector-view.ts';

export const connectorList = operation({
  name: 'connector.list',
  summary: 'List the kinds of systems that can be connected, and what each has to be told.',
  http: 'GET /connectors',
  input: z.object({}),
  output: z.object({
    items: z.array(
      z.object({
        name: z.string(),
        label: z.string(),
        settings: z.array(fieldView),
        secrets: z.array(fieldView),
        values: z.array(fieldView),
        can: abilityView,
      }),
    ),
  }),
  needs: 'self',
  effect: 'reading',
  run: async () => ({
    items: connectors.map(({ description: { name, label, settings, secrets, values, can } }) => ({
      ...{ name, label: inWords(label) },
      settings: settings.map(shownField),
      secrets: secrets.map(shownField),
      values: values.map(shownField),
      can: shownAbilities(can),
    })),
  }),
});
