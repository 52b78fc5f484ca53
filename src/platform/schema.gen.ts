// Generated from a migrated database by `npm run generate:schema`; a test holds the two together.
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

// Read as an object (postgres-interval), written as text.
type Interval = ColumnType<{ toISOString(): string }, string, string>;
type GeneratedInterval = ColumnType<{ toISOString(): string }, string | undefined, string>;

export interface AccessRoleTable {
  id: string;
  organization_id: string;
  name: string;
  description: Generated<string>;
  state: Generated<'active' | 'retired'>;
  version: Generated<number>;
  created_at: Generated<Date>;
}

export interface AccessRoleEntitlementTable {
  access_role_id: string;
  entitlement_id: string;
}

export interface AccessRuleTable {
  id: string;
  organization_id: string;
  name: Generated<string>;
  in_organization_id: string | null;
  below: Generated<boolean>;
  title: string | null;
  attributes: Generated<unknown>;
  relation: 'managers' | 'line-managers' | 'guardians' | 'members' | null;
  entitlement_id: string | null;
  access_role_id: string | null;
  starts_at: Generated<Date>;
  ends_at: Generated<Date>;
  state: Generated<'active' | 'paused' | 'ended'>;
  given_by: string | null;
  given_under: string | null;
  ended_at: Date | null;
  ended_by: string | null;
  version: Generated<number>;
  created_at: Generated<Date>;
  group_id: string | null;
  any_of: Generated<unknown>;
  except_ids: Generated<string[]>;
  changed_at: Generated<Date>;
  first_day: string | null;
  last_day: string | null;
}

export interface AccountTable {
  id: string;
  target_id: string;
  user_id: string;
  correlation: string;
  external_id: string | null;
  wanted: Generated<'none' | 'disabled' | 'enabled'>;
  stands: Generated<'none' | 'unsure' | 'disabled' | 'enabled' | 'gone'>;
  wanted_digest: Generated<string>;
  there_digest: Generated<string>;
  roles: Generated<string[]>;
  generation: Generated<number>;
  done_generation: Generated<number>;
  marked_at: Generated<Date>;
  due_at: Date | null;
  next_change_at: Date | null;
  verify_at: Date | null;
  lease: Generated<number>;
  leased_until: Date | null;
  attempts: Generated<number>;
  failing_since: Date | null;
  last_problem: string | null;
  last_status: string | null;
  last_at: Date | null;
  takes: Generated<boolean>;
  cleared: Generated<boolean>;
  taken_at: Date | null;
  dead_at: Date | null;
  ignored: string | null;
  delete_after: Date | null;
  version: Generated<number>;
  created_at: Generated<Date>;
  changes_to: string | null;
  agreed: Generated<boolean>;
  held_at: Date | null;
  changing: Generated<string[]>;
  there_marks: Generated<unknown>;
  changed_at: Date | null;
}

export interface AccountAttemptTable {
  id: string;
  account_id: string;
  lease: number;
  what: string[];
  outcome: 'done' | 'again' | 'dead' | 'unsure' | 'held';
  problem: string | null;
  status: string | null;
  at: Generated<Date>;
}

export interface AdminRoleTable {
  id: string;
  organization_id: string | null;
  key: string | null;
  name: string;
  description: Generated<string>;
  permissions: string[];
  version: Generated<number>;
  created_at: Generated<Date>;
  state: Generated<'active' | 'retired'>;
}

export interface AppUserTable {
  id: string;
  home_organization_id: string;
  user_name: string | null;
  display_name: string;
  email: string | null;
  proved_email: string | null;
  email_proved_at: Date | null;
  language: Generated<string>;
  state: Generated<'active' | 'suspended' | 'erased'>;
  version: Generated<number>;
  created_at: Generated<Date>;
  given_name: Generated<string>;
  family_name: Generated<string>;
}

export interface ApplicationTable {
  id: string;
  organization_id: string;
  key: string;
  name: string;
  description: Generated<string>;
  home_url: string | null;
  redirect_uris: Generated<string[]>;
  post_logout_redirect_uris: Generated<string[]>;
  client_id: string;
  client_secret_hash: Buffer | null;
  state: Generated<'active' | 'retired'>;
  version: Generated<number>;
  created_at: Generated<Date>;
  themes: Generated<string[]>;
}

export interface ApprovalPolicyTable {
  id: string;
  organization_id: string;
  name: string;
  applies: unknown;
  steps: unknown;
  saved_by: string;
  saved_in: string | null;
  saved_under: string | null;
  state: Generated<'active' | 'retired'>;
  version: Generated<number>;
  created_at: Generated<Date>;
  changed_at: Generated<Date>;
}

export interface AssignmentTable {
  id: string;
  membership_id: string | null;
  organization_id: string | null;
  entitlement_id: string | null;
  access_role_id: string | null;
  starts_at: Generated<Date>;
  ends_at: Generated<Date>;
  why: 'direct' | 'rule' | 'request' | 'invitation' | 'import';
  reason: Generated<string>;
  given_by: string | null;
  given_under: string | null;
  state: Generated<'active' | 'ended'>;
  ended_at: Date | null;
  ended_by: string | null;
  version: Generated<number>;
  created_at: Generated<Date>;
  replaces: string | null;
  request_id: string | null;
  first_day: string | null;
  last_day: string | null;
}

export interface AttemptTable {
  key: Buffer;
  window_ends_at: Date;
  count: number;
}

export interface AttributeDefinitionTable {
  id: string;
  organization_id: string;
  key: string;
  label: string;
  kind: 'text' | 'number' | 'date' | 'boolean' | 'choice';
  choices: Generated<string[]>;
  required: Generated<boolean>;
  version: Generated<number>;
  created_at: Generated<Date>;
  seen_by: Generated<'managers' | 'self' | 'everybody'>;
  changed_by: Generated<'managers' | 'self' | 'source'>;
  claim: Generated<boolean>;
}

export interface AuditReadTable {
  reader: string;
  view: string;
  hour: Date;
}

export interface CalendarTable {
  organization_id: string;
  days: Generated<number[]>;
  opens: Generated<string>;
  closes: Generated<string>;
  holidays: Generated<string[]>;
  version: Generated<number>;
}

export interface ClientTable {
  id: string;
  organization_id: string;
  name: string;
  key_hash: Buffer | null;
  key_hint: Generated<string>;
  starts_at: Generated<Date>;
  ends_at: Generated<Date>;
  state: Generated<'active' | 'ended'>;
  last_used_at: Date | null;
  version: Generated<number>;
  created_by: string | null;
  created_at: Generated<Date>;
  ended_at: Date | null;
  feed: Generated<boolean>;
  key_made_at: Generated<Date>;
}

export interface ClientFormerKeyTable {
  client_id: string;
  key_hash: Buffer;
  until: Date;
}

export interface ClockTable {
  one: Generated<boolean>;
  ahead: GeneratedInterval;
}

export interface CredentialTable {
  user_id: string;
  password_hash: string;
  must_change: Generated<boolean>;
  changed_at: Generated<Date>;
}

export interface DelegationTable {
  id: string;
  kind: 'administer' | 'approve' | 'represent';
  parent_id: string | null;
  chain: Generated<string[]>;
  giver_user_id: string | null;
  giver_delegation_id: string | null;
  delegate_kind: 'root' | 'user' | 'organization' | 'relation' | 'client';
  delegate_user_id: string | null;
  delegate_membership_id: string | null;
  delegate_organization_id: string | null;
  delegate_client_id: string | null;
  admin_role_id: string | null;
  permissions: Generated<string[]>;
  scope: unknown;
  place_paths: Generated<string[]>;
  entitlements: unknown;
  starts_at: Generated<Date>;
  ends_at: Generated<Date>;
  may_pass_on: Generated<number>;
  seats: number | null;
  state: Generated<'active' | 'paused' | 'ended'>;
  reason: Generated<string>;
  ended_at: Date | null;
  ended_by: string | null;
  version: Generated<number>;
  created_at: Generated<Date>;
  relation: 'managers' | 'line-managers' | 'guardians' | 'members' | null;
  relation_path: string | null;
  giver_membership_id: string | null;
  represented_user_id: string | null;
  represented_organization_id: string | null;
  limits: Generated<unknown>;
  legal_basis: string | null;
  first_day: string | null;
  last_day: string | null;
}

export interface DifferenceTable {
  id: string;
  run_id: string;
  target_id: string;
  kind: 'orphan' | 'missing' | 'drift' | 'double';
  account_id: string | null;
  external_id: string | null;
  fields: Generated<string[]>;
  settled_at: Date | null;
  settled_by: string | null;
  settled_how: 'mended' | 'adopted' | 'left' | 'over' | 'disabled' | 'deleted' | null;
  takes: Generated<boolean>;
  likeness: string | null;
  ours: Generated<boolean>;
  planned: 'disable' | 'delete' | null;
  cleared: Generated<boolean>;
  attempts: Generated<number>;
  problem: string | null;
  tried_at: Date | null;
  taken_at: Date | null;
  by_policy: Generated<boolean>;
}

export interface EntitlementTable {
  id: string;
  application_id: string;
  key: string;
  name: string;
  description: Generated<string>;
  state: Generated<'active' | 'retired'>;
  version: Generated<number>;
  created_at: Generated<Date>;
  risk: Generated<'low' | 'normal' | 'high'>;
}

export interface EventTable {
  position: GeneratedAlways<number>;
  id: string;
  at: Generated<Date>;
  type: string;
  operation: string;
  actor_kind: 'user' | 'client' | 'anonymous' | 'system' | 'operator';
  actor_id: string | null;
  actor_membership_id: string | null;
  on_behalf_of: string | null;
  delegations: Generated<string[]>;
  organization_id: string | null;
  path: string | null;
  target_kind: string;
  target_id: string | null;
  subject_id: string | null;
  before: unknown;
  after: unknown;
  personal: unknown;
  request_id: string | null;
}

export interface ExceptionTable {
  id: string;
  organization_id: string;
  path: string;
  below: Generated<boolean>;
  permissions: Generated<string[]>;
  application_id: string | null;
  entitlement_id: string | null;
  user_id: string | null;
  set_under: string | null;
  set_by: string | null;
  reason: Generated<string>;
  starts_at: Generated<Date>;
  ends_at: Generated<Date>;
  state: Generated<'active' | 'lifted'>;
  lifted_by: string | null;
  lifted_at: Date | null;
  version: Generated<number>;
  created_at: Generated<Date>;
}

export interface FormerPlaceTable {
  path: string;
  organization_id: string;
  left_at: Generated<Date>;
}

export interface GroupMemberTable {
  group_id: string;
  membership_id: string;
  added_at: Generated<Date>;
}

export interface GuardianTable {
  id: string;
  membership_id: string;
  organization_id: string;
  starts_at: Generated<Date>;
  ends_at: Generated<Date>;
  state: Generated<'active' | 'ended'>;
  created_at: Generated<Date>;
}

export interface HandAccountTable {
  account_id: string;
  target_id: string;
  external_id: string;
  enabled: boolean;
  fields: Generated<unknown>;
  roles: Generated<string[]>;
  changed_at: Generated<Date>;
}

export interface HandTaskTable {
  id: string;
  target_id: string;
  account_id: string;
  what: 'create' | 'change' | 'enable' | 'disable' | 'delete' | 'check';
  wanted: unknown;
  maybe: unknown;
  digest: string;
  state: Generated<'open' | 'done' | 'refused' | 'withdrawn'>;
  level: Generated<number>;
  level_at: Generated<Date>;
  done_until: Generated<Date>;
  due_at: Date;
  next_at: Date | null;
  closed_by: string | null;
  closed_at: Date | null;
  reason: Generated<string>;
  version: Generated<number>;
  created_at: Generated<Date>;
}

export interface IdempotencyTable {
  actor: string;
  key: string;
  operation: string;
  body_hash: Buffer;
  status: number;
  output: unknown;
  created_at: Generated<Date>;
}

export interface ImportKeyTable {
  top_organization_id: string;
  kind: 'organization' | 'user';
  key: string;
  id: string;
}

export interface ImportMappingTable {
  id: string;
  organization_id: string;
  name: string;
  reading: unknown;
  state: Generated<'active' | 'retired'>;
  version: Generated<number>;
  created_at: Generated<Date>;
}

export interface ImportRunTable {
  id: string;
  organization_id: string;
  path: string;
  actor: unknown;
  started_by: string | null;
  plan_hash: string;
  files: unknown;
  options: Generated<unknown>;
  state: Generated<'waiting' | 'running' | 'done' | 'failed'>;
  phase: Generated<string>;
  done: Generated<number>;
  total: Generated<number>;
  result: unknown;
  created_at: Generated<Date>;
  finished_at: Date | null;
}

export interface InstanceTable {
  one: Generated<boolean>;
  demo: boolean;
  created_at: Generated<Date>;
}

export interface InvitationTable {
  id: string;
  organization_id: string;
  path: string;
  email: string;
  email_normal: string;
  display_name: Generated<string>;
  title: Generated<string>;
  message: Generated<string>;
  first_day: string | null;
  last_day: string | null;
  membership_id: string | null;
  entitlement_ids: Generated<string[]>;
  access_role_ids: Generated<string[]>;
  delegation: unknown;
  invited_by: string | null;
  invited_under: string | null;
  state: Generated<'open' | 'accepted' | 'revoked'>;
  expires_at: Date;
  sent_at: Date | null;
  renewal_asked_at: Date | null;
  accepted_at: Date | null;
  accepted_by: string | null;
  version: Generated<number>;
  created_at: Generated<Date>;
  granted_under: Generated<unknown>;
  inviter_membership_id: string | null;
}

export interface LastDayNoticeTable {
  organization_id: string;
  days: number[];
  version: Generated<number>;
}

export interface LastDayWarningTable {
  membership_id: string;
  last_day: string;
  days_before: number;
  created_at: Generated<Date>;
}

export interface MarkTable {
  id: string;
  focus: unknown;
  cursor: unknown;
  created_at: Generated<Date>;
}

export interface MembershipTable {
  id: string;
  user_id: string;
  organization_id: string;
  path: string;
  sort_name: string;
  title: Generated<string>;
  line_manager_id: string | null;
  attributes: Generated<unknown>;
  first_day: string | null;
  last_day: string | null;
  starts_at: Generated<Date>;
  ends_at: Generated<Date>;
  state: Generated<'active' | 'suspended' | 'ended'>;
  ended_at: Date | null;
  version: Generated<number>;
  created_at: Generated<Date>;
  line: Generated<string[]>;
  anchor: Generated<string>;
  line_bits: GeneratedAlways<number>;
  further: Generated<boolean>;
  starts: Generated<string[]>;
}

export interface MigrationTable {
  number: number;
  name: string;
  checksum: string;
  applied_at: Generated<Date>;
}

export interface NearbyTable {
  key: string;
  what: 'off' | 'more';
  ref: string;
}

export interface NoticeTable {
  event_id: string;
  recipient_kind: 'user' | 'invitation';
  recipient_id: string;
  letter: string;
  state: 'sent' | 'refused' | 'held' | 'daily';
  created_at: Generated<Date>;
  held_until: Date | null;
}

export interface NoticePreferenceTable {
  user_id: string;
  daily: Generated<boolean>;
  daily_hour: Generated<number>;
  quiet_from: string | null;
  quiet_until: string | null;
  time_zone: string | null;
  next_at: Date | null;
  ordered_for: Date | null;
  pending: Generated<boolean>;
  version: Generated<number>;
}

export interface OneTimeSecretTable {
  hash: Buffer;
  purpose: 'invitation' | 'recovery' | 'enrolment-code' | 'setup' | 'email-proof' | 'registration';
  subject_id: string | null;
  expires_at: Date;
  attempts: Generated<number>;
  made_by: string | null;
  used_at: Date | null;
  created_at: Generated<Date>;
}

export interface OrganizationTable {
  id: string;
  parent_id: string | null;
  path: string;
  next_code: Generated<number>;
  name: string;
  description: Generated<string>;
  state: Generated<'active' | 'suspended' | 'closed'>;
  time_zone: Generated<string>;
  domains: Generated<string[]>;
  version: Generated<number>;
  created_at: Generated<Date>;
  closed_at: Date | null;
}

export interface PeopleAnchorTable {
  path: string;
}

export interface PeopleDeltaTable {
  id: GeneratedAlways<number>;
  path: string;
  people: number;
  further: Generated<number>;
}

export interface PeopleGroupTable {
  id: string;
  organization_id: string;
  name: string;
  description: Generated<string>;
  state: Generated<'active' | 'ended'>;
  version: Generated<number>;
  created_by: string | null;
  created_at: Generated<Date>;
  changed_at: Generated<Date>;
}

export interface PeopleImportTable {
  id: string;
  organization_id: string;
  actor: unknown;
  file_name: Generated<string>;
  reading: unknown;
  mode: Generated<'all' | 'rows'>;
  state: Generated<'uploading' | 'comparing' | 'compared' | 'applying' | 'done' | 'failed' | 'canceled'>;
  phase: Generated<string>;
  done: Generated<number>;
  total: Generated<number>;
  next_depth: Generated<number>;
  next_line: Generated<number>;
  counts: unknown;
  failure: unknown;
  version: Generated<number>;
  created_at: Generated<Date>;
  worked_at: Generated<Date>;
  claimed_until: Date | null;
  finished_at: Date | null;
  source_id: string | null;
}

export interface PeopleImportPartTable {
  import_id: string;
  n: number;
  bytes: Buffer;
}

export interface PeopleImportRowTable {
  import_id: string;
  line: number;
  key: string | null;
  organization_id: string | null;
  time_zone: string | null;
  display_name: string | null;
  sort_name: string | null;
  email: string | null;
  title: string | null;
  attributes: unknown;
  manager: string | null;
  manager_id: string | null;
  first_day: string | null;
  last_day: string | null;
  starts_at: Date | null;
  ends_at: Date | null;
  access_role_id: string | null;
  user_id: string;
  membership_id: string;
  depth: Generated<number>;
  verdict: Generated<'new' | 'known' | 'changed' | 'same'>;
  changes: Generated<string[]>;
  version: number | null;
  user_version: number | null;
  problem: unknown;
  given_name: string | null;
  family_name: string | null;
  groups: string | null;
  group_ids: string[] | null;
  access_from: string | null;
  access_until: string | null;
  was: unknown;
  note: unknown;
}

export interface PeopleTotalTable {
  path: string;
  people: number;
  further: Generated<number>;
}

export interface ProposalTable {
  id: string;
  source_id: string;
  membership_id: string;
  why: 'missing' | 'off';
  state: Generated<'open' | 'ended' | 'suspended' | 'kept' | 'over'>;
  decided_by: string | null;
  decided_at: Date | null;
  created_at: Generated<Date>;
}

export interface ProviderKeyTable {
  id: string;
  kind: 'sign' | 'cookie';
  value: unknown;
  created_at: Generated<Date>;
}

export interface ProviderRecordTable {
  kind: string;
  id: string;
  payload: unknown;
  grant_id: string | null;
  uid: string | null;
  consumed_at: Date | null;
  expires_at: Date | null;
}

export interface QueuedPasswordTable {
  target_id: string;
  user_id: string;
  kind: 'set' | 'initial';
  form: 'clear' | 'ssha512' | 'bcrypt' | 'argon2id';
  sealed: string;
  made_at: Generated<Date>;
  sent_at: Date | null;
  expires_at: Date;
}

export interface ReceiptTable {
  id: string;
  at: Date;
  operation: string;
  ended_by: string | null;
  roots: string[];
  delegations: Generated<string[]>;
  invitations: Generated<string[]>;
  deputies: Generated<string[]>;
  requests: Generated<string[]>;
  access_members: Generated<string[]>;
  access_entitlements: Generated<string[]>;
  sessions: Generated<string[]>;
}

export interface ReconcileRunTable {
  id: string;
  target_id: string;
  state: Generated<'waiting' | 'reading' | 'comparing' | 'done' | 'failed'>;
  whole: Generated<boolean>;
  read: Generated<number>;
  total: number | null;
  counts: Generated<unknown>;
  problem: string | null;
  asked_by: string | null;
  lease: Generated<number>;
  leased_until: Date | null;
  created_at: Generated<Date>;
  finished_at: Date | null;
  mended_at: Date | null;
}

export interface ReconcileSeenTable {
  run_id: string;
  external_id: string;
  correlation: string | null;
  account_id: string | null;
  enabled: boolean;
  fields: Generated<string[]>;
  takes: Generated<boolean>;
  likeness: string | null;
}

export interface RegistrationTable {
  id: string;
  organization_id: string;
  email: string;
  email_normal: string;
  display_name: string;
  message: Generated<string>;
  created_at: Generated<Date>;
  expires_at: Date;
  request_id: string | null;
  language: Generated<'en' | 'nl' | 'de' | 'fr'>;
}

export interface RegistrationPageTable {
  organization_id: string;
  open: boolean;
  words: Generated<string>;
  version: Generated<number>;
  changed_at: Generated<Date>;
}

export interface RequestTable {
  id: string;
  requester_id: string | null;
  membership_id: string | null;
  organization_id: string;
  path: string;
  entitlement_id: string | null;
  access_role_id: string | null;
  entitlement_ids: string[];
  reason: Generated<string>;
  starts_at: Date | null;
  ends_at: Date | null;
  state: Generated<'open' | 'approved' | 'refused' | 'withdrawn' | 'ended'>;
  decided_by: string | null;
  decided_under: string | null;
  decided_at: Date | null;
  decision_note: Generated<string>;
  version: Generated<number>;
  created_at: Generated<Date>;
  plan: Generated<unknown>;
  step: Generated<number>;
  level: Generated<number>;
  level_at: Generated<Date | null>;
  done_until: Generated<Date | null>;
  paused_at: Date | null;
  paused_level: Generated<number>;
  pause_left: Generated<number>;
  deadline: Generated<Date | null>;
  next_at: Generated<Date | null>;
  asks: Generated<string[]>;
  asks_members: Generated<string[]>;
  asks_organizations: Generated<string[]>;
  passed_to: string | null;
  kind: Generated<'access' | 'extension' | 'ending' | 'last-day' | 'organization' | 'delegation' | 'account'>;
  payload: Generated<unknown>;
  payload_hash: string | null;
  gives: Generated<string[]>;
  due_at: Date | null;
  same: string | null;
  made: string | null;
  files: Generated<string[]>;
}

export interface RequestAttachmentTable {
  id: string;
  request_id: string;
  name: string;
  media_type: 'application/pdf' | 'image/png' | 'image/jpeg';
  content: Buffer;
  added_by: string;
  added_at: Generated<Date>;
  digest: GeneratedAlways<string>;
}

export interface RequestCommentTable {
  id: string;
  position: GeneratedAlways<number>;
  request_id: string;
  kind: 'comment' | 'question' | 'answer' | 'passed-on';
  user_id: string;
  words: string;
  said_at: Date;
}

export interface RequestDecisionTable {
  id: string;
  position: GeneratedAlways<number>;
  request_id: string;
  step: number;
  user_id: string;
  membership_id: string | null;
  on_behalf_of: string | null;
  under: string | null;
  approve: boolean;
  note: Generated<string>;
  decided_at: Date;
  undone_at: Date | null;
  stood: unknown;
  payload_hash: string | null;
  files: Generated<string[]>;
  outdated_at: Date | null;
}

export interface ScimExternalTable {
  owner_id: string;
  resource_id: string;
  external_id: string;
}

export interface ScimIdentityTable {
  organization_id: string;
  membership_id: string;
  id: string;
  created_at: Date;
}

export interface ScimRefusalTable {
  client_id: string;
  operation: string;
  code: string;
  about: Generated<string>;
  details: Generated<unknown>;
  status: number;
  times: Generated<number>;
  first_at: Generated<Date>;
  last_at: Generated<Date>;
}

export interface ScimUserTable {
  membership_id: string;
  user_name: string;
  emails: Generated<unknown>;
}

export interface SeparationTable {
  id: string;
  organization_id: string;
  name: string;
  reason: Generated<string>;
  too_many: Generated<number>;
  set_by: string | null;
  set_under: string | null;
  state: Generated<'active' | 'retired'>;
  version: Generated<number>;
  created_at: Generated<Date>;
  changed_at: Generated<Date>;
}

export interface SeparationExceptionTable {
  id: string;
  separation_id: string;
  user_id: string;
  membership_id: string;
  starts_at: Date;
  ends_at: Date;
  asked_by: string;
  approved_by: string;
  approved_under: string | null;
  reason: Generated<string>;
  state: Generated<'active' | 'lifted'>;
  lifted_at: Date | null;
  lifted_by: string | null;
  version: Generated<number>;
  created_at: Generated<Date>;
}

export interface SeparationPartTable {
  separation_id: string;
  entitlement_id: string;
}

export interface SessionTable {
  id: string;
  token_hash: Buffer;
  user_id: string;
  membership_id: string | null;
  created_at: Generated<Date>;
  last_seen_at: Generated<Date>;
  expires_at: Date;
  ended_at: Date | null;
  user_agent: Generated<string>;
  address: Generated<string>;
  ends_at: Generated<Date>;
}

export interface SignOnTable {
  grant_id: string;
  session_id: string;
  user_id: string;
  membership_id: string;
  application_id: string;
  created_at: Generated<Date>;
}

export interface SourceTable {
  id: string;
  organization_id: string;
  name: string;
  make: 'ldap' | 'ad';
  settings: unknown;
  sealed: Generated<string>;
  reading: unknown;
  gives: Generated<unknown>;
  every_minutes: number;
  whole_hours: number;
  brake: unknown;
  state: Generated<'draft' | 'active' | 'paused' | 'retired'>;
  actor: unknown;
  cursor: unknown;
  next_at: Date | null;
  next_whole_at: Date | null;
  failing_since: Date | null;
  failures: Generated<number>;
  last_good_at: Date | null;
  held_at: Date | null;
  version: Generated<number>;
  created_at: Generated<Date>;
  changed_at: Generated<Date>;
  told: Generated<unknown>;
  password_by: unknown;
  erase_key: Generated<string>;
}

export interface SourceEntryTable {
  source_id: string;
  external_id: string;
  key: string;
  key_there: string;
  dn: string;
  off: Generated<boolean>;
  run_id: string;
}

export interface SourceErasedTable {
  source_id: string;
  digest: Buffer;
}

export interface SourceGiftTable {
  source_id: string;
  directory_group: string;
  thing_id: string;
  membership_id: string;
  assignment_id: string | null;
}

export interface SourceMemberTable {
  run_id: string;
  n: number;
  dn: string;
}

export interface SourceRunTable {
  id: string;
  source_id: string;
  state: Generated<'waiting' | 'reading' | 'held' | 'writing' | 'done' | 'failed' | 'over'>;
  incremental: Generated<boolean>;
  import_id: string | null;
  read: Generated<number>;
  off: Generated<number>;
  counts: Generated<unknown>;
  problem: unknown;
  notes: Generated<unknown>;
  cursor: unknown;
  asked_by: string | null;
  agreed_by: string | null;
  agreed_at: Date | null;
  lease: Generated<number>;
  leased_until: Date | null;
  created_at: Generated<Date>;
  finished_at: Date | null;
}

export interface StampTable {
  key: string;
  slot: number;
  value: number;
}

export interface SuccessionTable {
  leaver_membership_id: string;
  successor_membership_id: string;
  named_by: string;
  named_in: string;
  state: Generated<'named' | 'carried-out'>;
  named_at: Generated<Date>;
  carried_out_at: Date | null;
  version: Generated<number>;
}

export interface TargetTable {
  id: string;
  organization_id: string;
  name: string;
  connector: string;
  settings: Generated<unknown>;
  sealed: Generated<string>;
  mapping: Generated<unknown>;
  policy: Generated<unknown>;
  limits: Generated<unknown>;
  brake: Generated<unknown>;
  password: unknown;
  state: Generated<'draft' | 'active' | 'paused' | 'retired'>;
  saved_by: string | null;
  saved_in: string | null;
  saved_under: string | null;
  failing_since: Date | null;
  failures: Generated<number>;
  rests_until: Date | null;
  last_problem: string | null;
  last_good_at: Date | null;
  batch: Generated<number>;
  batch_until: Date | null;
  minute_began: Date | null;
  minute_calls: Generated<number>;
  braked_at: Date | null;
  released_at: Date | null;
  version: Generated<number>;
  created_at: Generated<Date>;
  changed_at: Generated<Date>;
  mending: Generated<unknown>;
  compare_at: Date | null;
  alarmed_at: Date | null;
  changes_held_at: Date | null;
  changes_released_at: Date | null;
}

export interface TargetRoleTable {
  id: string;
  target_id: string;
  entitlement_id: string | null;
  organization_id: string | null;
  group_id: string | null;
  name: string | null;
  external_id: string | null;
  created_at: Generated<Date>;
}

export interface WebhookTable {
  id: string;
  organization_id: string;
  name: string;
  url: string;
  format: 'standard' | 'slack' | 'teams';
  language: 'en' | 'nl' | 'de' | 'fr';
  types: string[];
  templates: Generated<unknown>;
  secret: string;
  old_secret: string | null;
  old_secret_until: Date | null;
  saved_by: string | null;
  saved_in: string | null;
  saved_under: string;
  state: Generated<'active' | 'off' | 'retired'>;
  off_why: 'by-hand' | 'gone' | 'failing' | null;
  failing_since: Date | null;
  rests_until: Date | null;
  version: Generated<number>;
  created_at: Generated<Date>;
  changed_at: Generated<Date>;
}

export interface WebhookDeliveryTable {
  id: string;
  webhook_id: string;
  event_id: string | null;
  event_type: string;
  organization_id: string;
  state: Generated<'waiting' | 'sent' | 'failed' | 'withheld'>;
  attempts: Generated<number>;
  next_at: Date | null;
  leased_until: Date | null;
  last_status: number | null;
  last_problem: string | null;
  last_at: Date | null;
  created_at: Generated<Date>;
}

export interface DB {
  access_role: AccessRoleTable;
  access_role_entitlement: AccessRoleEntitlementTable;
  access_rule: AccessRuleTable;
  account: AccountTable;
  account_attempt: AccountAttemptTable;
  admin_role: AdminRoleTable;
  app_user: AppUserTable;
  application: ApplicationTable;
  approval_policy: ApprovalPolicyTable;
  assignment: AssignmentTable;
  attempt: AttemptTable;
  attribute_definition: AttributeDefinitionTable;
  audit_read: AuditReadTable;
  calendar: CalendarTable;
  client: ClientTable;
  client_former_key: ClientFormerKeyTable;
  clock: ClockTable;
  credential: CredentialTable;
  delegation: DelegationTable;
  difference: DifferenceTable;
  entitlement: EntitlementTable;
  event: EventTable;
  exception: ExceptionTable;
  former_place: FormerPlaceTable;
  group_member: GroupMemberTable;
  guardian: GuardianTable;
  hand_account: HandAccountTable;
  hand_task: HandTaskTable;
  idempotency: IdempotencyTable;
  import_key: ImportKeyTable;
  import_mapping: ImportMappingTable;
  import_run: ImportRunTable;
  instance: InstanceTable;
  invitation: InvitationTable;
  last_day_notice: LastDayNoticeTable;
  last_day_warning: LastDayWarningTable;
  mark: MarkTable;
  membership: MembershipTable;
  migration: MigrationTable;
  nearby: NearbyTable;
  notice: NoticeTable;
  notice_preference: NoticePreferenceTable;
  one_time_secret: OneTimeSecretTable;
  organization: OrganizationTable;
  people_anchor: PeopleAnchorTable;
  people_delta: PeopleDeltaTable;
  people_group: PeopleGroupTable;
  people_import: PeopleImportTable;
  people_import_part: PeopleImportPartTable;
  people_import_row: PeopleImportRowTable;
  people_total: PeopleTotalTable;
  proposal: ProposalTable;
  provider_key: ProviderKeyTable;
  provider_record: ProviderRecordTable;
  queued_password: QueuedPasswordTable;
  receipt: ReceiptTable;
  reconcile_run: ReconcileRunTable;
  reconcile_seen: ReconcileSeenTable;
  registration: RegistrationTable;
  registration_page: RegistrationPageTable;
  request: RequestTable;
  request_attachment: RequestAttachmentTable;
  request_comment: RequestCommentTable;
  request_decision: RequestDecisionTable;
  scim_external: ScimExternalTable;
  scim_identity: ScimIdentityTable;
  scim_refusal: ScimRefusalTable;
  scim_user: ScimUserTable;
  separation: SeparationTable;
  separation_exception: SeparationExceptionTable;
  separation_part: SeparationPartTable;
  session: SessionTable;
  sign_on: SignOnTable;
  source: SourceTable;
  source_entry: SourceEntryTable;
  source_erased: SourceErasedTable;
  source_gift: SourceGiftTable;
  source_member: SourceMemberTable;
  source_run: SourceRunTable;
  stamp: StampTable;
  succession: SuccessionTable;
  target: TargetTable;
  target_role: TargetRoleTable;
  webhook: WebhookTable;
  webhook_delivery: WebhookDeliveryTable;
}
