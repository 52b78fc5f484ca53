import type { Approver, Level, Step } from './policy.ts';
import { say } from './say.ts';

/**
 * What is wrong with the steps of a policy before anybody asks by it: a state that would hang. Time always ends a step
 * (`progress.ts`), so what can hang is a yes: nobody there to say it, more people asked for than there are, or an
 * escalation that asks nobody new. Pure; who is there is looked up before (`eligible.ts`).
 */
export type Hang = {
  step: number;
  /** 0 for those asked at first, then each escalation */
  level: number;
  why: 'nobody' | 'circle' | 'too-few';
  problem: string;
  /** how many different people have to say yes */
  needed: number;
};

/** Who can decide by one approver, in truth and by themselves: deputies do not count. */
export type Eligible = {
  userIds: readonly string[];
  /** of these at most so many for any one request; a line manager is one */
  atMost?: number;
  /** said of it where there is nobody */
  nobody: string;
};

export type WhoIsEligible = (approver: Approver) => Eligible;

export function hangs(steps: readonly Step[], who: WhoIsEligible): Hang[] {
  return steps.flatMap((step, index) => {
    const levels = [{ approvers: step.approvers }, ...step.escalation];
    const found = [...empty(levels, who), ...circles(levels, who)].sort(
      (one, other) => one.level - other.level,
    );
    // More people are not missing where nobody is there at all: that is said first.
    const all = found.length > 0 ? found : tooFew(step, levels, who);
    return all.map((hang) => ({ ...hang, step: index, needed: neededOf(step) }));
  });
}

type Found = Omit<Hang, 'step' | 'needed'>;
type Levels = readonly Pick<Level, 'approvers'>[];

const neededOf = ({ quorum }: Step): number => (typeof quorum === 'object' ? quorum.atLeast : 1);

function empty(levels: Levels, who: WhoIsEligible): Found[] {
  return levels.flatMap(({ approvers }, level) => {
    const all = approvers.map(who);
    if (all.some(({ userIds }) => userIds.length > 0)) return [];
    const problem = [...new Set(all.map(({ nobody }) => nobody))].join(say('hang.and'));
    return [{ level, why: 'nobody' as const, problem }];
  });
}

/** Named one by one, whoever asks and wherever: who they are does not depend on the request. */
const isNamed = ({ kind }: Approver): boolean => kind === 'people' || kind === 'members';

/** Who is asked when it was due in vain has to be somebody else than before. */
function circles(levels: Levels, who: WhoIsEligible): Found[] {
  const asked = new Set<string>();
  const people = new Set<string>();
  return levels.flatMap(({ approvers }, level) => {
    const ids = approvers.flatMap((one) => who(one).userIds);
    const fresh = approvers.some((one) => !asked.has(JSON.stringify(one)));
    const somebody = !approvers.every(isNamed) || ids.some((id) => !people.has(id));
    const again = level > 0 && (!fresh || (ids.length > 0 && !somebody));
    for (const one of approvers) asked.add(JSON.stringify(one));
    for (const id of ids) people.add(id);
    return again ? [{ level, why: 'circle' as const, problem: say('hang.circle') }] : [];
  });
}

function tooFew(step: Step, levels: Levels, who: WhoIsEligible): Found[] {
  const needed = neededOf(step);
  const all = levels.flatMap(({ approvers }) => approvers);
  // How many stand above is told to nobody below (ruling 9); where they are too few, the owners are asked at once.
  if (all.some(({ kind }) => kind === 'level-above' || kind === 'owners')) return [];
  const people = new Set(
    all.flatMap((one) => {
      const { userIds, atMost } = who(one);
      // Which of them it is differs from request to request: reckoned as so many people of their own.
      if (atMost !== undefined) return userIds.slice(0, atMost).map((_, at) => `${one.kind} ${at}`);
      return userIds;
    }),
  );
  if (people.size >= needed) return [];
  return [
    {
      level: levels.length - 1,
      why: 'too-few',
      problem: all.every(isNamed)
        ? say('hang.few-named', { needed, there: people.size })
        : say('hang.few', { needed }),
    },
  ];
}
