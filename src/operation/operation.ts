import type { Kysely } from 'kysely';
import type { z } from 'zod';
import type { Decision, Permit } from '../authority/decide.ts';
import type { Target } from '../authority/delegation.ts';
import type { Actor, Facts } from '../authority/facts.ts';
import type { Permission } from '../authority/permissions.ts';
import type { Reach } from '../authority/reach.ts';
import type { Config } from '../platform/config.ts';
import type { Refusal } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { Rehearsal } from './rehearsal.ts';

/**
 * Everything that can be done is a declared operation. The HTTP route, the OpenAPI entry, the CLI command, the
 * authorization matrix and the probes come from the declaration; one pipeline serves them all.
 */
export type Operation<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodType = z.ZodType> = {
  /** `noun.verb`, as in the file's name */
  name: string;
  /** one sentence, imperative; the CLI's help and OpenAPI's summary */
  summary: string;
  /** `METHOD /path/{field}`; fields in braces come from the input, GET puts the rest into the query, others into the body */
  http: `${'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'} /${string}`;
  /** an address that a standard fixes: it stands at the root of the server, not below `/api` */
  standardPath?: true;
  /**
   * `scim`: bodies, statuses, tags and errors are those of RFC 7644 (`server/scim-answer.ts`). The whole body comes as the
   * input's field `body`, and what else stands in the query is left out (section 3.4.2).
   */
  media?: 'scim';
  input: Input;
  output: Output;
  needs: Needs<z.infer<Input>>;
  /**
   * `reading`: no lock, no event. `changing`: shared lock, at least one event unless nothing changed.
   * `ending`: takes power or access away; exclusive lock, so that it waits for no overlapping changes (law 4).
   */
  effect: 'reading' | 'changing' | 'ending';
  /**
   * A `changing` operation of which only some calls take power or access away, seen when what is there was read: `run` says
   * so by `context.takeAway`, and is then done anew under the lock of an ending. A feed that writes names all day would
   * make everybody wait otherwise.
   */
  mayTakeAway?: true;
  /** event types that `run` may record; a type not listed is a fault */
  events?: readonly string[];
  /** sent as a file: media type and name, `output` is then a string */
  file?: { type: string; name: string };
  /** largest body in bytes; 1 MiB when absent */
  bodyLimit?: number;
  /**
   * A `self` operation that somebody without a standing may still do: sign out, and go over to another membership.
   * Whoever has left or is suspended reads what is their own, and changes nothing else.
   */
  withoutStanding?: true;
  /** attempts per minute and address before 429, for what strangers may call */
  strangersPerMinute?: number;
  /**
   * Who gains and loses what can be looked at before it is done. What to measure follows from the events that `run`
   * records, so every change of a delegation, a boundary, a role or the tree says this.
   */
  previews?: true;
  /** Output holds a one-time secret: it is not kept for the Idempotency-Key, a second call is refused instead. */
  secretOutput?: true;
  /**
   * Runs on the pool before the transaction opens, for public operations only: counts an attempt, which has to stay
   * counted when the attempt is refused. Throws a refusal when there were too many.
   */
  before?: (stranger: Pick<Context, 'db' | 'caller'>, input: z.infer<Input>) => Promise<void>;
  run: (context: Context, input: z.infer<Input>) => Promise<z.infer<Output>>;
};

/** Who may. Every operation says one of these, or it does not compile. */
export type Needs<Input> =
  /** strangers too: sign-in, invitations */
  | 'public'
  /** any signed-in person, on what is their own */
  | 'self'
  /** one target, found and decided by the pipeline before `run` */
  | {
      permission: Permission;
      /** finds the target by one statement; undefined when there is none (404, the same as out of reach) */
      target: (db: Kysely<DB>, input: Input) => Promise<Target | undefined>;
      /** what the target was named by, where that is another thing: unseen, it does not exist for the actor */
      through?: (db: Kysely<DB>, input: Input) => Promise<Target | undefined>;
      /** what lets the actor know that the target exists: with it a missing permission is 403, without it 404 */
      visibleBy: Permission;
    }
  /** lists, bulk and searches: `run` confines itself by `context.reach` or `context.require` for each target */
  | { permission: Permission; within: 'reach' };

/** One change of state, as it will stand in the trail. */
export type Change = {
  type: string;
  targetKind: string;
  targetId: string | null;
  organizationId: string | null;
  path: string | null;
  subjectId?: string | null;
  /** state without personal data, before and after; what an authority row needs to be folded from the log (I53) */
  before?: Record<string, unknown> | null;
  after?: Record<string, unknown> | null;
  /** names and addresses: erasable, outside the seal */
  personal?: Record<string, unknown> | null;
  /** chain that permitted it, nearest first; the pipeline's own permit when absent */
  because?: Permit['because'];
  onBehalfOf?: string;
};

export type Context = {
  /** the transaction of a change; for reading operations the pool */
  db: Kysely<DB>;
  config: Config;
  actor: Actor;
  facts: Facts;
  /** database time of the facts */
  at: Date;
  /** the target and the permit that the pipeline found; throws when the operation declares none */
  target: Target;
  permit: Permit;
  requestId: string;
  /** version from If-Match, when the client sent one */
  ifMatch: number | undefined;
  /** address and user agent of the caller, for sessions and rate limits */
  caller: {
    address: string;
    userAgent: string /** raw session token of the cookie, if any */;
    sessionToken: string | undefined;
  };
  decide: (permission: Permission, target: Target) => Decision;
  /** like `decide`; throws 404 when the actor cannot see the target by `visibleBy`, 403 when it can */
  require: (permission: Permission, target: Target | undefined, visibleBy: Permission) => Permit;
  reach: (permission: Permission) => Reach;
  /** the signed-in person; throws `auth.required` for anybody else */
  user: () => Extract<Actor, { kind: 'user' }>;
  /** adds one event; written with the change, in its transaction */
  record: (change: Change) => void;
  /** says openly that this call changed nothing (asked twice), so that the pipeline accepts no event */
  nothingChanged: () => void;
  /** says, before anything is written, that this call takes power or access away; only where the operation `mayTakeAway` */
  takeAway: () => void;
  /** refuses with `version.stale` when If-Match was sent and differs */
  checkVersion: (version: number) => void;
  /** what another operation, one that `previews`, would change if this caller did it now: it is run and undone */
  rehearse: (name: string, input: unknown) => Promise<Rehearsal>;
  /**
   * Does a part that may be refused, and takes it back whole when it is: rows, events, and what a trigger of the
   * database broke off. What was refused comes back instead of being thrown.
   */
  attempt: <T>(part: () => Promise<T>) => Promise<Attempted<T>>;
  /** says that a part was refused while the rest is done: the trail keeps it as it keeps a call that was refused whole */
  refused: (refusal: Refusal) => void;
  /** headers of the reply, such as a session cookie; the CLI ignores them */
  reply: { cookies: { name: string; value: string; maxAgeSeconds: number | undefined }[] };
};

export type Attempted<T> = { ok: true; value: T } | { ok: false; refusal: Refusal };

// biome-ignore lint/suspicious/noExplicitAny: a registry holds operations of every input and output
export type AnyOperation = Operation<any, any>;

/** Every declared operation that `previews`, by name: the registry itself stands further down in the house. */
export const previewable: Map<string, AnyOperation> = new Map();

/** Declares an operation; so that input and output types reach `run`, and that what can be previewed is known. */
export function operation<Input extends z.ZodObject, Output extends z.ZodType>(
  declared: Operation<Input, Output>,
): Operation<Input, Output> {
  if (declared.previews) previewable.set(declared.name, declared);
  return declared;
}

/** Where an operation's address starts on the server. */
export const rootOf = ({ standardPath }: Pick<AnyOperation, 'standardPath'>): string =>
  standardPath ? '' : '/api';

/** The signed-in person when there is one. */
export const userOf = (context: Context): Extract<Actor, { kind: 'user' }> | undefined =>
  context.actor.kind === 'user' ? context.actor : undefined;

/** The membership in which a person acts; null for machines and the instance. */
export const makerOf = (context: Context): string | null => userOf(context)?.membershipId ?? null;
