import { closing, refuseUnknown } from './closing.ts';
import {
  type ByHand,
  type Connector,
  ConnectorError,
  type ConnectorField,
  type Description,
  type Seen,
  type Whole,
} from './connector.ts';
import { personValues } from './person-values.ts';
import { type WrongSetting, wrongByForm } from './settings-check.ts';

/**
 * A system that no machine speaks to: whatever should be different there is a task for a person, who says when it is done.
 * What is there is what was said. One task at a time for an account, and for all of it.
 */

/** Who may be asked. `application-managers`: of the applications whose roles give an account there. */
export const whoDoes = ['operators', 'people', 'application-managers', 'owners'] as const;
export type WhoDoes = (typeof whoDoes)[number];

const whoTheyAre: Readonly<Record<string, string>> = {
  operators: 'Whoever may operate this system',
  people: 'Certain people',
  'application-managers': 'Managers of the applications whose roles give an account',
  owners: 'Owners',
  nobody: 'Nobody',
};

const description: Description = {
  name: 'by-hand',
  label: 'By hand',
  settings: [
    {
      key: 'who',
      label: 'Who does it',
      kind: 'one-of',
      choices: whoDoes,
      choiceLabels: whoTheyAre,
      usual: 'operators',
    },
    { key: 'people', label: 'These people', kind: 'people', help: 'Only where certain people do it.' },
    {
      key: 'dueDays',
      label: 'Done within so many working days',
      kind: 'number',
      usual: '2',
    },
    {
      key: 'remindDays',
      label: 'Reminded so many working days before it is due',
      kind: 'number',
      usual: '1',
      help: '0: not at all',
    },
    {
      key: 'then',
      label: 'Who is asked, too, when it was due in vain',
      kind: 'one-of',
      choices: ['nobody', ...whoDoes],
      choiceLabels: whoTheyAre,
      usual: 'owners',
    },
    {
      key: 'thenPeople',
      label: 'These people, too',
      kind: 'people',
      help: 'Only where certain people are asked, too.',
    },
    { key: 'thenDays', label: 'These within so many working days', kind: 'number', usual: '2' },
    {
      key: 'instructions',
      label: 'How it is done',
      kind: 'long-text',
      help: 'Shown with each task: where to sign in, what to look out for. No passwords.',
    },
  ],
  secrets: [],
  // a task that names nobody can be done by nobody
  values: personValues.map((one) => (one.key === 'displayName' ? { ...one, required: true } : one)),
  can: {
    find: true,
    createIsIdempotent: true,
    disable: true,
    delete: true,
    roles: true,
    list: 'whole',
    // a password is for its owner, and in no task
    passwords: [],
    calls: false,
  },
};

const mostDays = 100;
const mostPeople = 50;
const id = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Ids of memberships, as a setting holds them. */
export const namedIn = (text: string | undefined): string[] => [
  ...new Set((text ?? '').split(/[\s,]+/).filter((one) => one !== '')),
];

function wrongOnes(settings: Readonly<Record<string, string>>): WrongSetting[] {
  const wrong = wrongByForm(description.settings, settings);
  for (const field of ['dueDays', 'remindDays', 'thenDays']) {
    const days = Number(settings[field] || 1);
    if (days > mostDays || (days < 1 && field !== 'remindDays'))
      wrong.push({ field, text: `It is between 1 and ${mostDays} days.` });
  }
  for (const [field, by] of [
    ['people', 'who'],
    ['thenPeople', 'then'],
  ] as const) {
    const named = namedIn(settings[field]);
    if (!named.every((one) => id.test(one)) || named.length > mostPeople)
      wrong.push({ field, text: `It is up to ${mostPeople} people of an organization, chosen one by one.` });
    if (settings[by] === 'people' && named.length === 0)
      wrong.push({ field, text: 'Nobody is named. Choose at least one person.' });
  }
  return wrong;
}

export const byHandConnector: Connector = {
  description,
  check: wrongOnes,
  async open(_settings, _secrets, { byHand, deadline }) {
    const asked = (): ByHand => {
      if (!byHand) throw new ConnectorError('unreachable', 'Nobody is asked here.');
      return byHand;
    };
    const bring = async (whole: Whole): Promise<Seen | undefined> => {
      refuseUnknown(description.values as readonly ConnectorField[], whole.values);
      const { answer, there } = await asked().ask(whole);
      if (answer === 'so') return there;
      throw answer === 'asked'
        ? new ConnectorError('waiting', 'Somebody has been asked to do it.')
        : new ConnectorError('declined', 'Who was asked said that it cannot be done.');
    };
    /** What is there, changed in one thing: the same task as if all of it had been said. */
    const change = async (
      accountId: string,
      changed: (seen: Seen) => Partial<Whole>,
      gone: 'absent' | 'fine' = 'absent',
    ): Promise<void> => {
      const seen = await asked().recorded({ id: accountId });
      if (!seen?.correlation) {
        if (gone === 'fine') return;
        throw new ConnectorError('absent', 'Nobody said that there is such an account.');
      }
      await bring({
        correlation: seen.correlation,
        presence: seen.enabled ? 'enabled' : 'disabled',
        values: seen.values,
        roles: seen.roles ?? [],
        ...changed(seen),
      });
    };
    return closing(
      {
        async test() {
          if (!byHand) return [{ level: 'good', text: 'People do it; there is nothing to connect to.' }];
          const able = await byHand.able();
          return able > 0
            ? [{ level: 'good', text: `People who can do it now: ${able}.` }]
            : [{ level: 'bad', text: 'Nobody may do it now: choose other people.' }];
        },
        list: (from) => asked().list(from),
        read: (accountId) => asked().recorded({ id: accountId }),
        find: (correlation) => asked().recorded({ correlation }),
        bring,
        async create({ enabled, ...wanted }) {
          const made = await bring({ ...wanted, presence: enabled ? 'enabled' : 'disabled' });
          return made!;
        },
        update: (accountId, { values, rolesAdded, rolesRemoved }) =>
          change(accountId, (seen) => ({
            values: { ...seen.values, ...values },
            roles: [
              ...(seen.roles ?? []).filter(
                (role) => !rolesRemoved.includes(role) && !rolesAdded.includes(role),
              ),
              ...rolesAdded,
            ],
          })),
        enable: (accountId) => change(accountId, () => ({ presence: 'enabled' })),
        disable: (accountId) => change(accountId, () => ({ presence: 'disabled' })),
        delete: (accountId) => change(accountId, () => ({ presence: 'none' }), 'fine'),
        ensureRole: async (name) => name,
        setPassword: async () => {
          throw new ConnectorError('bad-settings', 'A password is never part of a task.');
        },
        async close() {},
      },
      deadline,
    );
  },
};
