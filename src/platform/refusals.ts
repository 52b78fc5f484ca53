import de from './i18n/refusals.de.json' with { type: 'json' };
import fr from './i18n/refusals.fr.json' with { type: 'json' };
import nl from './i18n/refusals.nl.json' with { type: 'json' };
import { type Language, spoken } from './language.ts';

/**
 * The one catalogue of refusals, a long table. A code is a word, its kind says what sort of no it is (one place maps kinds to
 * HTTP), its text is what the client reads: what is wrong and what to do. `{name}` is filled from the details.
 */
export type Kind =
  | 'unauthenticated'
  | 'invalid'
  | 'absent'
  | 'forbidden'
  | 'stale'
  | 'conflict'
  | 'unprocessable'
  | 'gone'
  | 'too-large'
  | 'too-many'
  | 'unavailable'
  | 'fault';

const catalogue = {
  'auth.required': ['unauthenticated', 'Sign in, or send an API key as a Bearer token.'],
  'auth.failed': [
    'unauthenticated',
    'That name and password do not match. Try again, or ask for a new password.',
  ],
  'auth.too-many': ['too-many', 'Too many attempts from here. Wait {seconds} seconds and try again.'],
  'auth.cross-site': ['forbidden', 'This request came from another site. Open the portal and try again.'],
  'auth.code-invalid': ['unprocessable', 'That link or code does not work (any more). Ask for a new one.'],
  'auth.code-outgrown': [
    'forbidden',
    'You were given more since this code was printed, so it no longer opens your account. Ask a manager above for a new one.',
  ],
  'auth.password-weak': ['unprocessable', 'Choose a longer password: {problem}.'],
  'auth.no-membership': [
    'forbidden',
    'You do not belong to any organization at the moment. Ask the person who looks after you there.',
  ],
  'auth.place-suspended': [
    'forbidden',
    'Your place at {organization} is suspended. Ask a manager there, or above, to let you back in.',
  ],
  'auth.organization-suspended': [
    'forbidden',
    '{organization} is suspended, so nothing can be done there. Ask a manager above.',
  ],
  'auth.password-wrong': [
    'unprocessable',
    'That is not your password of now. Try again, or ask for a new one.',
  ],
  'auth.user-only': ['forbidden', 'Only a signed-in person can do this, not an API key.'],
  'input.invalid': ['invalid', 'The request is not right: {problem}.'],
  'input.too-large': ['too-large', 'That is more than fits: at most {limit}.'],
  'not-found': [
    'absent',
    'There is nothing here that you can see. It may have been removed, or lie outside your boundary.',
  ],
  'not-permitted': ['forbidden', 'You may not do this here. {missing}'],
  'organization.off': ['conflict', 'This organization is suspended or closed, so nothing can be done in it.'],
  'organization.name-taken': [
    'conflict',
    'There is already an organization of this name here. Choose another name.',
  ],
  'organization.root': ['unprocessable', 'The topmost organization cannot be suspended, closed or moved.'],
  'organization.inside-itself': [
    'unprocessable',
    'An organization cannot be put below itself, or become part of one below it. Choose another place.',
  ],
  'organization.move-gains': [
    'unprocessable',
    'Others would gain more by this than you can give them: {missing} Ask a level above to do it.',
  ],
  'organization.preview-stale': [
    'stale',
    'Something changed since you looked, so nothing was done. Look again at what would happen, then do it.',
  ],
  'organization.too-deep': ['unprocessable', 'The tree is at most {limit} levels deep. Put it higher up.'],
  'organization.domain-taken': [
    'conflict',
    'The domain {domain} belongs to another organization. Ask a level above.',
  ],
  'delegation.outside': ['unprocessable', 'You can pass on only what you have yourself: {missing}'],
  'delegation.ended': ['conflict', 'This delegation has ended already. Endings are final; make a new one.'],
  'delegation.last-manager': [
    'conflict',
    'Nobody could manage {organization} afterwards. Appoint somebody else first.',
  ],
  'delegation.further-parent': [
    'invalid',
    'An organization cannot be given itself, one above it or one below it; choose another organization, or decide what it may hand out itself.',
  ],
  'delegation.standing-exists': [
    'conflict',
    'This organization has a standing delegation already. Narrow that one, or end it first.',
  ],
  'delegation.not-above': [
    'forbidden',
    'Only somebody who holds a delegation above this one can change it. You can resign your own.',
  ],
  'delegation.not-in-force': [
    'conflict',
    'This delegation, or one above it, is not in force, so it cannot be handed over. Put it in force again first.',
  ],
  'delegation.not-vacant': [
    'conflict',
    'The holder of this delegation is still here, so there is nothing to hand over.',
  ],
  'delegation.widens': [
    'unprocessable',
    'A delegation can be narrowed here, not widened. Make a new one instead.',
  ],
  'seats.full': [
    'conflict',
    'No seat is left here. Somebody has to leave, or a level above has to give more seats.',
  ],
  'seats.taken': [
    'conflict',
    '{taken} seats are taken there already. Choose at least as many, or end some first.',
  ],
  'separation.broken': [
    'conflict',
    'One person may not hold this together with other access (separation of duties). End the other access first, or ask for an exception. {which}',
  ],
  'access-rule.ended': ['conflict', 'This rule was ended, or is over. Make a new one.'],
  'access-rule.elsewhere': [
    'unprocessable',
    'A rule is about people of its own organization and those below. Make one there.',
  ],
  'access-rule.own': [
    'forbidden',
    'This rule would give you something yourself. Leave yourself out of it, or ask another manager to make it.',
  ],
  'attribute.own': [
    'unprocessable',
    'People fill in the field “{field}” themselves, so no rule can give access by it. Let only managers change the field, or leave it out of the rule.',
  ],
  'attribute.defined-above': [
    'unprocessable',
    'An organization above defines the field “{field}”; who may change it is said there. Choose another key.',
  ],
  'group.ended': ['conflict', 'This group was ended. Make a new one.'],
  'group.feeds-system': [
    'forbidden',
    'Whoever is in this group has a role at a connected system. Ask somebody who looks after that system to put people in.',
  ],
  'group.elsewhere': [
    'unprocessable',
    'Only people of the group’s organization and those below can be in it. Make a group there.',
  ],
  'separation.retired': ['conflict', 'This separation of duties was retired. Make a new one.'],
  'separation.too-few-roles': [
    'unprocessable',
    'Choose at least as many roles as are too many for one person.',
  ],
  'separation.own-exception': [
    'forbidden',
    'Nobody approves an exception for themselves, or one that they asked for. Somebody else has to.',
  ],
  'membership.ended': ['conflict', 'This person has left the organization.'],
  'membership.suspended': ['conflict', 'This person’s place is suspended. Let them back in first.'],
  'membership.exists': ['conflict', 'This person belongs to the organization already.'],
  'lift.from-above': ['forbidden', 'This was done from a level above; only there can it be lifted.'],
  'membership.owner-only': ['forbidden', 'Only another owner, who stays, can take an owner out.'],
  'membership.owner': [
    'unprocessable',
    'An owner has no last day. Appoint another owner first, then end this one at once.',
  ],
  'membership.gives-power': [
    'unprocessable',
    'Whoever is in this place may {what}, and you cannot pass that on here, or not for that long. Choose a last day that you may give, or ask somebody above.',
  ],
  'membership.gives-access': [
    'unprocessable',
    'What would be recorded here gives access by a rule, and you cannot give that. Ask somebody who can.',
  ],
  'membership.line-manager': [
    'unprocessable',
    'Choose a line manager in this organization, above or below it, who does not report to this person.',
  ],
  'membership.too-long': [
    'unprocessable',
    'Longer dates would keep access, powers or a say in approvals that you cannot give. Ask a level above.',
  ],
  'user.name-taken': ['conflict', 'The user name {userName} is taken in this organization. Choose another.'],
  'user.protected': [
    'forbidden',
    'This person holds power that you do not have, so you cannot take over their sign-in. Start recovery to their own address instead.',
  ],
  'user.has-sign-in': ['conflict', 'This person signs in already; start recovery if they cannot.'],
  'user.no-address': [
    'unprocessable',
    'This person has no proved address to send a link to. Give a printed code instead.',
  ],
  'user.off': ['conflict', 'This person is suspended. Let them back in first.'],
  'user.no-name': [
    'unprocessable',
    'This person has neither a user name nor a proved address to sign in with. Invite them, or give them a user name.',
  ],
  'user.self': [
    'forbidden',
    'You cannot do this to yourself. Ask another manager, or use your own account page.',
  ],
  'entitlement.above-ceiling': [
    'unprocessable',
    '{organization} may not have this access. Ask a level above to widen what it may hand out.',
  ],
  'entitlement.retired': ['conflict', 'This access is no longer given out.'],
  'access.other-dates': [
    'conflict',
    'This access is given already, for other dates. End that first, or choose dates that meet it.',
  ],
  'access.nothing-to-ask': ['conflict', 'You have this access already, or have asked for it.'],
  'application.key-taken': ['conflict', 'There is already an application with the key {key} here.'],
  'access-role.too-high': [
    'unprocessable',
    'An access role can be given only at or below the organization it stands in.',
  ],
  'admin-role.built-in': [
    'conflict',
    'This admin role comes with Remit and stays as it is. Make one of your own instead.',
  ],
  'admin-role.retired': ['conflict', 'This admin role is retired. Make a new one instead.'],
  'admin-role.outside': [
    'unprocessable',
    'Whoever has this admin role would get more than you can pass on: {missing}',
  ],
  'admin-role.from-above': [
    'forbidden',
    'Somebody beside or above you has this admin role, so only a level above can take something out of it.',
  ],
  'exception.above': [
    'forbidden',
    'This would bind somebody who acts here beside or above you. Ask a level above to set it.',
  ],
  'exception.from-above': [
    'forbidden',
    'This exception was set from another place than yours, or keeps more from others than you may do; only there, or a level above, can it be lifted.',
  ],
  'exception.elsewhere': [
    'unprocessable',
    'This person does not belong to the organization that the exception is for. Choose an organization of theirs, or one above it.',
  ],
  'invitation.used': ['gone', 'This invitation has been used. Sign in instead, or ask for a new password.'],
  'invitation.expired': [
    'gone',
    'This invitation has expired. Ask for a new one on this page; the person who invited you will be told.',
  ],
  'invitation.revoked': ['gone', 'This invitation was taken back. Ask the person who invited you.'],
  'invitation.dead': [
    'gone',
    'This invitation no longer stands, because the right it was sent under has ended. Ask the organization for a new one.',
  ],
  'invitation.unknown': [
    'absent',
    'This invitation link is not right. Open the newest mail you got, or ask for a new one.',
  ],
  'invitation.other-address': [
    'conflict',
    'This invitation is for another address than the one you are signed in with. Sign out, or sign in with that address.',
  ],
  'invitation.sign-in-first': ['conflict', 'You have an account already. Sign in with it to accept.'],
  'invitation.open-already': [
    'conflict',
    'There is an open invitation for this address. Send it again, or take it back.',
  ],
  'invitation.twice': ['conflict', 'This address stands in the list twice; it is invited once.'],
  'invitation.no-address': ['unprocessable', 'This is not an e-mail address. Mend it and try again.'],
  'request.decided': ['conflict', 'This has been decided already.'],
  'request.own': [
    'forbidden',
    'Nobody decides what they asked for themselves. Another approver will see it.',
  ],
  'request.not-independent': [
    'forbidden',
    'Somebody else has to decide this, because the one who asks invited or appointed you.',
  ],
  'undo.too-late': ['conflict', 'It is too late to undo this. Change it back by hand.'],
  'import.invalid': [
    'unprocessable',
    'The files have {count} errors, and nothing was imported. See the list, mend the files, and try again.',
  ],
  'import.changed': [
    'conflict',
    'The organization changed since the difference was shown. Look at the new difference first.',
  ],
  'people-import.state': [
    'conflict',
    'This import is further on, or was given up ({state}). Look at it again, or begin a new one.',
  ],
  'people-import.empty': [
    'unprocessable',
    'There is nothing in this file, or its first part is missing. Put it again from part 1.',
  ],
  'people-import.heading': [
    'unprocessable',
    'The heading of this file does not fit: {missing}. Say again which column holds what; the first line has to name the columns, 500 at most.',
  ],
  'people-import.too-long': [
    'unprocessable',
    'This file has more than {limit} rows. Split it, and import one after the other.',
  ],
  'people-import.all-too-many': [
    'unprocessable',
    'Everybody or nobody works for up to {limit} rows. Import this file row by row: what cannot be done comes back as a file to mend.',
  ],
  'people-import.stopped': [
    'conflict',
    '{done} of {total} people were done before this stopped it: {reason} They stay. Look again, and do what is left.',
  ],
  'people-import.changed': [
    'conflict',
    'Somebody changed or added this person since the difference was shown. Compare again first.',
  ],
  'people-import.protected': [
    'forbidden',
    'This person may do more than you, and another address would hand over the account. Ask somebody above you to change it.',
  ],
  'import-mapping.name-taken': [
    'conflict',
    'There is one called {name} already. Choose another name, or change that one.',
  ],
  'import-mapping.retired': ['conflict', 'This is not kept any longer. Make a new one.'],
  'source.too-many': [
    'unprocessable',
    'This organization has {most} sources already. Remove one that nobody needs.',
  ],
  'source.outside': [
    'forbidden',
    'This lies outside the organization of the source. Choose something in that organization or below.',
  ],
  'source.no-password': [
    'unprocessable',
    'The password of the account in the directory is missing. Fill it in.',
  ],
  'source.password-again': [
    'forbidden',
    'Somebody else gave the password of the account there. Enter it anew to change what is read with it.',
  ],
  'source.not-active': ['conflict', 'This source is not switched on. Switch it on first.'],
  'source.not-held': [
    'conflict',
    'Nothing waits here for you to agree any more, or it was read anew meanwhile. Load the page again to see how it stands.',
  ],
  'proposal.settled': [
    'conflict',
    'This is decided already, or the person is in the directory again. Load the page again.',
  ],
  'version.stale': ['stale', 'Somebody changed this meanwhile. Reload, look, and try again.'],
  'preview.stale': [
    'stale',
    'What this would change is different now, so nothing was changed. Look at the new preview first.',
  ],
  'deputy.self': ['unprocessable', 'You decide for yourself already. Name somebody else.'],
  'deputy.circle': [
    'conflict',
    'This person has named you, directly or through others, so neither could decide for the other. Name somebody else, or let that end first.',
  ],
  'request.changed': [
    'conflict',
    'What was asked for is not what was decided about any more. Refuse it, and have it asked for anew.',
  ],
  'request.too-many': [
    'too-many',
    'You have {limit} requests waiting already. Wait until some are decided, or withdraw some.',
  ],
  'access.ended': ['conflict', 'This access has ended. Ask for it anew.'],
  'access.lasts-longer': [
    'unprocessable',
    'This access lasts as long already, or longer. Choose a later day.',
  ],
  'last-day.not-later': [
    'unprocessable',
    'There is no last day, or it is as late already. Choose a later one.',
  ],
  'succession.same': ['unprocessable', 'This is the person who leaves. Name somebody else to take over.'],
  'succession.theirs': [
    'forbidden',
    'Only whoever is decided for can name somebody else. Ask them to name another deputy.',
  ],
  'succession.already-asked': [
    'conflict',
    'The successor is asked there already, and fewer people would have to say yes than before. Change the policy first, or name somebody else.',
  ],
  'succession.policy-first': [
    'conflict',
    'The policy that asks for this decision did not go to the successor. Change the policy first; the request then goes on by itself.',
  ],
  'registration.closed': ['absent', 'Nobody can register here themselves. Ask somebody there to invite you.'],
  'request.cannot-decide': [
    'unprocessable',
    'This person cannot decide this request now. Choose somebody who can.',
  ],
  'request.not-low-risk': [
    'unprocessable',
    'Many at once is for what can do little harm. Look at this one, and decide it by itself.',
  ],
  'attachment.not-taken': [
    'unprocessable',
    'Only a PDF, PNG or JPEG file of 5 MB at most can be added. Save it as one of these, or make it smaller.',
  ],
  'attachment.too-many': ['unprocessable', 'No more than 5 files stand beside a request.'],
  'attachment.missing': [
    'unprocessable',
    'A file has to be added before this is approved. Ask whoever asked to add it.',
  ],
  'attachment.after-yes': [
    'conflict',
    'Somebody approved this with the files that are here. Write to those who decide: once they ask for it, it can be added, and earlier approvals are then given again.',
  ],
  'policy.hangs': [
    'unprocessable',
    'Step {number} “{step}”{level} would never come to a yes: {problem}. Name somebody else there, or more people.',
  ],
  'policy.retired': ['conflict', 'This approval policy was retired. Make a new one.'],
  'target.no-connector': ['unprocessable', 'There is no such kind of system. Choose one of the list.'],
  'target.unknown-field': [
    'unprocessable',
    '{field} is nothing that this kind of system knows. Leave it out.',
  ],
  'target.field-missing': ['unprocessable', '{label} is missing. Fill it in.'],
  'target.secrets-again': [
    'unprocessable',
    'It would be reached at another place now. Enter its passwords and tokens again, so that they go nowhere else by mistake.',
  ],
  'target.role-outside': [
    'forbidden',
    'You may not hand out this role here. Ask whoever looks after the application.',
  ],
  'target.cannot-disable': [
    'unprocessable',
    'This kind of system cannot switch accounts off. Have them deleted or left, and made on the first day.',
  ],
  'target.cannot-delete': [
    'unprocessable',
    'This kind of system cannot delete accounts. Have them switched off.',
  ],
  'target.no-passwords': [
    'unprocessable',
    'This kind of system does not take passwords in that form. Choose another form, or none.',
  ],
  'target.would-double': [
    'unprocessable',
    'This kind of system can neither find an account nor make it only once, so somebody could get two. It cannot be switched on.',
  ],
  'target.no-roles': [
    'unprocessable',
    'Nobody would have an account there. Choose at least one role of an application that gives one.',
  ],
  'target.too-many': [
    'unprocessable',
    'This organization has {most} connected systems already. Remove one that nobody needs.',
  ],
  'target.not-active': ['conflict', 'This system is not switched on. Switch it on first.'],
  'target.not-braked': [
    'conflict',
    'Nothing waits for you to agree here. Load the page again to see how it stands.',
  ],
  'target.look-first': [
    'conflict',
    'What waits is no longer what you were shown. Load the page again, look, and agree then.',
  ],
  'target.no-list': [
    'unprocessable',
    'This kind of system cannot say what is there, so there is nothing to compare.',
  ],
  'target.no-match': [
    'unprocessable',
    'Choose a field there that comes from the e-mail address or from a field that only a directory or feed fills in, as it is: an account is known to be somebody’s by nothing that they or a manager could write.',
  ],
  'task.closed': [
    'conflict',
    'Somebody has dealt with this task already, or it is not needed any more. Load the page again.',
  ],
  'task.name-missing': ['unprocessable', 'Say how the account is called there.'],
  'task.name-taken': [
    'conflict',
    'Another person’s account has this name there. Look whether it is the right one, and enter the name of this account.',
  ],
  'difference.settled': [
    'conflict',
    'Somebody has settled this already. Load the page again to see how it stands.',
  ],
  'difference.not-mendable': [
    'unprocessable',
    'Remit cannot know whose this is. Take it as somebody’s own, mend it in the other system, or leave it.',
  ],
  'difference.not-adoptable': [
    'unprocessable',
    'Only an account that nobody here has can be taken as somebody’s own. Choose one of those, and the person.',
  ],
  'difference.not-takeable': [
    'unprocessable',
    'Only an account that is nobody’s here can be switched off or deleted this way, and only once. Compare again to see how it stands.',
  ],
  'difference.nothing-held': [
    'unprocessable',
    'This person is to have no account there, so it would be switched off at once. Give them access first.',
  ],
  'difference.has-account': [
    'conflict',
    'This person has another account there already, or somebody else has this one. Compare again to see how it stands.',
  ],
  'account.not-stuck': [
    'conflict',
    'Remit is still trying, or has done it already. Only what it gave up can be left as it is.',
  ],
  'webhook.not-an-address': [
    'unprocessable',
    'That is no web address. Give one such as https://hooks.example.org/remit.',
  ],
  'webhook.not-https': [
    'unprocessable',
    'A webhook is sent by https only. Give an address that begins with https://.',
  ],
  'webhook.credentials-in-address': [
    'unprocessable',
    'An address must not hold a user name or password. Take it out; the signature shows whom a message is from.',
  ],
  'webhook.port-not-allowed': [
    'unprocessable',
    'That port is not open for webhooks here. Use 443, or ask whoever runs Remit.',
  ],
  'webhook.address-not-allowed': [
    'unprocessable',
    'This address leads inside a network. Use a public one, or ask whoever runs Remit.',
  ],
  'webhook.template': [
    'unprocessable',
    'The message holds {placeholder}, which stands for nothing. Take it out, or use one that is offered.',
  ],
  'webhook.too-many': [
    'conflict',
    'This organization has {most} webhooks already. Remove one that nobody needs.',
  ],
  'webhook.off': ['conflict', 'This webhook is switched off. Switch it on first.'],
  'preview.none': [
    'unprocessable',
    'There is no preview of {operation}. Do it without one, or look at the list of operations that have one.',
  ],
  'preview.too-large': [
    'unprocessable',
    'More than {most} people would be concerned, which is more than a preview compares. Do it for a part of them, or without a preview.',
  ],
  'idempotency.other-body': [
    'unprocessable',
    'This Idempotency-Key was used for another request. Take a new key.',
  ],
  'name-taken': ['conflict', 'There is already one of this name here. Choose another name.'],
  'setup.done': ['gone', 'This instance has an owner already.'],
  'demo.off': ['absent', 'There is no demo here.'],
  'server.unavailable': [
    'unavailable',
    'The database cannot be reached. Nothing was changed; try again in a moment.',
  ],
  'server.busy': ['unavailable', 'Too much at once. Nothing was changed; try again in a moment.'],
  'server.fault': [
    'fault',
    'Something broke on our side. Nothing was changed; the operator finds it under {requestId}.',
  ],
  'scim.invalid-filter': ['invalid', 'The filter cannot be used: {problem}.'],
  'scim.invalid-path': ['invalid', 'The path of the change cannot be used: {problem}.'],
  'scim.invalid-syntax': ['invalid', 'The request is not right: {problem}.'],
  'scim.invalid-value': ['invalid', 'A value does not fit: {problem}.'],
  'scim.mutability': ['invalid', 'This cannot be changed: {problem}.'],
  'scim.no-target': ['invalid', 'There is nothing to change: {problem}.'],
  'scim.uniqueness': [
    'conflict',
    'Another one here already has this {name}. Send a different value, or find the other one by a filter.',
  ],
  'scim.invalid-cursor': [
    'invalid',
    'This cursor is not one of ours, or belongs to another question. Start without a cursor.',
  ],
  'scim.no-filter': ['forbidden', 'Nothing is filtered here. Ask without a filter.'],
  'scim.too-many-operations': ['too-large', 'A bulk request holds at most {limit} operations. Send several.'],
  'scim.unresolved': [
    'conflict',
    'A bulkId named here stands for nothing that was made. Send that operation as well, and no circle of them.',
  ],
  'scim.no-me': ['absent', 'Nobody reads about themselves here. Ask for the user by their id.'],
  'scim.expired-cursor': ['invalid', 'This cursor is too old. Start again without a cursor.'],
  'scim.invalid-count': [
    'invalid',
    'With a cursor, count is a number from 0 to {limit}, the same for every page. Send that count, or none.',
  ],
} as const satisfies Record<string, readonly [Kind, string]>;

export type RefusalCode = keyof typeof catalogue;

export const refusalCodes = Object.keys(catalogue) as RefusalCode[];
export const kindOf = (code: RefusalCode): Kind => catalogue[code][0];
export const textOf = (code: RefusalCode): string => catalogue[code][1];

const translated: Record<Exclude<Language, 'en'>, Partial<Record<RefusalCode, string>>> = { nl, de, fr };

/** What a client reads of this code, in its reader's language. */
export const textIn = (language: Language, code: RefusalCode): string =>
  (language === 'en' ? undefined : translated[language][code]) ?? textOf(code);

export type Details = Record<string, unknown>;

/**
 * A no with its reason. Pure rules return it as a value; an operation throws it, because its transaction has to
 * be abandoned with it (I57). `details` reach the client: nothing outside the reader's reach may stand there.
 */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly kind: Kind;
  readonly details: Details;
  constructor(code: RefusalCode, details: Details = {}) {
    super(fill(textIn(spoken(), code), details));
    this.name = 'Refusal';
    this.code = code;
    this.kind = kindOf(code);
    this.details = details;
  }
}

export function refuse(code: RefusalCode, details: Details = {}): Refusal {
  return new Refusal(code, details);
}

export function fill(text: string, details: Details): string {
  return text
    .replace(/\{(\w+)\}/g, (_, name: string) => (details[name] === undefined ? '' : String(details[name])))
    .trim();
}
