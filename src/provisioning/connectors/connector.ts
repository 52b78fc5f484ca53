import type { Egress } from '../../platform/egress.ts';
import type { EgressSockets } from '../../platform/egress-socket.ts';
import type { PasswordForm } from '../../platform/password-queue.ts';

/** Named here too: a connector knows this file only. */
export type { PasswordForm };

/**
 * What a connector is: the one thing that has to be written so that Remit can look after accounts in another kind of
 * system. It has no database, no clock, no log and no mapping: wanted values come mapped, what is there goes back as it
 * is. When, in which order, how often and whether at all is decided outside. `docs/connectors.md` shows how to write one.
 */

/** A setting, a secret or a value of an account, described for a form and for the mapping. */
export type ConnectorField = {
  key: string;
  /** English, as all that a connector says; `i18n` beside it has the other languages, by the English */
  label: string;
  /** `people`: ids of memberships, one a line */
  kind: 'text' | 'number' | 'yes-no' | 'one-of' | 'address' | 'long-text' | 'people';
  required?: true;
  choices?: readonly string[];
  /** What choices are called where they are chosen; one that is not here is called by itself. */
  choiceLabels?: Readonly<Record<string, string>>;
  /** what stands there when nothing was said */
  usual?: string;
  help?: string;
  /** of a value: several are allowed */
  many?: true;
};

export type Abilities = {
  /** finds an account by our correlation; without it and without `createIsIdempotent` a target is not switched on */
  find: boolean;
  /** creating the same correlation twice leaves one account */
  createIsIdempotent: boolean;
  /** an account can be switched off and keeps its data; without it, disabling deletes or leaves by the target's policy */
  disable: boolean;
  delete: boolean;
  /** roles are groups or values of the target; without, only the account itself is looked after */
  roles: boolean;
  /** `none`: what is there cannot be read (a file drop): no reconciliation */
  list: 'whole' | 'none';
  passwords: readonly PasswordForm[];
  /** false: people are asked instead of a system called, so that calls a minute mean nothing to who sets it */
  calls?: false;
};

export type Description = {
  /** as in the target's row and in the file's name */
  name: string;
  label: string;
  settings: readonly ConnectorField[];
  /** sealed at rest, never given back */
  secrets: readonly ConnectorField[];
  /** what an account there has, which attributes are mapped onto */
  values: readonly ConnectorField[];
  can: Abilities;
};

/** Text, several texts, yes or no; absent: not looked after. Null: to be emptied. */
export type AccountValue = string | readonly string[] | boolean | null;
export type AccountValues = Readonly<Record<string, AccountValue>>;

/** What should be. */
export type Wanted = {
  /** stable and unique in the target for ever: how an account is known again after an answer was lost */
  correlation: string;
  enabled: boolean;
  values: AccountValues;
  /** names in the target (external ids of roles), all that this account should have of those that are looked after */
  roles: readonly string[];
};

/** What is there. `id` is the target's own, and opaque. */
export type Seen = {
  id: string;
  correlation: string | undefined;
  enabled: boolean;
  values: AccountValues;
  /** undefined: not read together with the account */
  roles: readonly string[] | undefined;
  /** the target's own version of it (ETag, modifyTimestamp), where it has one */
  version?: string | undefined;
};

export type Change = {
  /** only those that differ; null empties */
  values: AccountValues;
  rolesAdded: readonly string[];
  rolesRemoved: readonly string[];
};

export type Page = {
  seen: readonly Seen[];
  /** absent on the last */
  next?: string;
  /** on the last page: the target itself said that nothing is left out (I48). False: what is missing proves nothing. */
  whole: boolean;
  total?: number;
};

/** What a test of the settings found, in words for who set them. Reads only. */
export type Finding = { level: 'good' | 'doubt' | 'bad'; text: string };

export type ConnectorProblem =
  /** the settings do not work: wrong base, unknown table, a field that is not there */
  | 'bad-settings'
  /** the certificate is not to be trusted, or a password would have gone in clear */
  | 'no-trust'
  /** signing in there was refused */
  | 'no-permission'
  /** the target understood and said no to this account: a value it does not take */
  | 'refused'
  /** there already; look with `find` */
  | 'exists'
  /** nothing has that id there (any more) */
  | 'absent'
  /** nobody answers */
  | 'unreachable'
  /** it asks to be left in peace */
  | 'slow-down'
  /** it answered with a fault of its own */
  | 'failing'
  /** an address that may not be called */
  | 'not-allowed'
  /** a person has been asked to do it, and has not said yet that it is done */
  | 'waiting'
  /** a person said that it cannot be done */
  | 'declined';

/**
 * What went wrong. Its message holds no secret and no value of an account.
 * `mayHaveHappened`: the request had been sent and no answer says that it was not carried out: read before writing again.
 */
export class ConnectorError extends Error {
  override name = 'ConnectorError';
  readonly problem: ConnectorProblem;
  readonly mayHaveHappened: boolean;
  /** seconds that the target asked for (Retry-After) */
  readonly after: number | undefined;
  /** status or code of the protocol, for who mends it */
  readonly status: string | undefined;
  constructor(
    problem: ConnectorProblem,
    message: string,
    {
      mayHaveHappened = false,
      after,
      status,
      cause,
    }: {
      mayHaveHappened?: boolean;
      after?: number | undefined;
      status?: string | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause });
    this.problem = problem;
    this.mayHaveHappened = mayHaveHappened;
    this.after = after;
    this.status = status;
  }
}

/** All that should be of one account, for those who do it in one go. */
export type Whole = Pick<Wanted, 'correlation' | 'values' | 'roles'> & {
  presence: 'none' | 'disabled' | 'enabled';
};

/** People who are asked, where no machine answers: what a connector is given for them. */
export type ByHand = {
  /**
   * Asks for it, or changes or takes back what they were asked before. `so`: it is as it should be, by what they said.
   */
  ask(whole: Whole): Promise<{ answer: 'so' | 'asked' | 'declined'; there: Seen | undefined }>;
  /** What they said is there. */
  recorded(by: { id: string } | { correlation: string }): Promise<Seen | undefined>;
  list(from?: string): Promise<Page>;
  /** How many people could do it now. */
  able(): Promise<number>;
};

/**
 * A connection to one target, for one batch of accounts. Calls come one after another for an account, several accounts
 * at once. Every call ends by the deadline it was opened with: `unreachable`, or `mayHaveHappened` when it was sent.
 * Ending what has ended is no error (delete, disable and removing a role twice). All throw `ConnectorError`.
 */
export type Session = {
  /** Is the base there, are the rights there, do schema and clock fit? Changes nothing. */
  test(): Promise<Finding[]>;
  /** Everything that is there, page by page; the first without `from`. */
  list(from?: string): Promise<Page>;
  /** What has this id, by itself: undefined when nothing has. */
  read(id: string): Promise<Seen | undefined>;
  find(correlation: string): Promise<Seen | undefined>;
  /** @throws `exists` when the correlation, or a name that must be unique there, is taken */
  create(wanted: Wanted): Promise<Seen>;
  /** @throws `absent` */
  update(id: string, change: Change): Promise<void>;
  enable(id: string): Promise<void>;
  disable(id: string): Promise<void>;
  delete(id: string): Promise<void>;
  /** Makes sure that a role (a group) of that name is there, and answers how it is called in `roles`. */
  ensureRole(name: string): Promise<string>;
  setPassword(id: string, form: PasswordForm, value: string): Promise<void>;
  /**
   * Only where people do it: brings an account to all of this, instead of one call after another.
   * @throws `waiting`, `declined`
   */
  bring?(whole: Whole): Promise<Seen | undefined>;
  close(): Promise<void>;
};

/** What a connector is given instead of the network. Every address is judged before it is connected (ruling 16). */
export type Reaching = {
  egress: Egress;
  sockets: EgressSockets;
  /** over when aborted: the batch's deadline */
  deadline: AbortSignal;
  /** how the roles that are looked after are called there (`ensureRole`): no others are read, or touched */
  roles: readonly string[];
  /** where files may be put for others to fetch; absent where the operator gave none */
  dropFolder?: string | undefined;
  /** who does what no machine does; absent where nothing is to be asked, as in a test of the settings */
  byHand?: ByHand | undefined;
};

export type Settings = Readonly<Record<string, string>>;

export type Connector = {
  description: Description;
  /** The values and abilities, where they follow from the settings; else those of the description. */
  declared?(settings: Settings): { values: readonly ConnectorField[]; can: Abilities };
  /** What is wrong with the settings by themselves, without a connection: field and sentence. */
  check(settings: Settings): { field: string; text: string }[];
  open(settings: Settings, secrets: Settings, reaching: Reaching): Promise<Session>;
};
