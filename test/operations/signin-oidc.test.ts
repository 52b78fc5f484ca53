import { createHash } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/operation/pipeline.ts';
import { passTime } from '../../src/platform/clock.ts';
import { hashPassword } from '../../src/platform/passwords.ts';
import { loadKeys } from '../../src/signin/oidc/keys.ts';
import { mountOidc } from '../../src/signin/oidc/mount.ts';
import { sessionCreate } from '../../src/signin/operations/session.create.ts';
import { BrowserLike } from '../harness/browser-like.ts';
import { freePort } from '../harness/free-port.ts';
import { addMembership, makeWorld, type World } from '../harness/world.ts';

const password = 'a lamp beside the window';
let world: World;
let server: FastifyInstance;
let url: string;
let passwordHash: string;

beforeAll(async () => {
  world = await makeWorld();
  url = `http://127.0.0.1:${await freePort()}`;
  world.services = { ...world.services, config: { ...world.services.config, url } };
  server = Fastify();
  await server.register(mountOidc(world.services));
  await server.listen({ port: Number(new URL(url).port), host: '127.0.0.1' });
  passwordHash = await hashPassword(password);
  await world.db
    .insertInto('credential')
    .columns(['user_id', 'password_hash'])
    .expression((query) =>
      query.selectFrom('app_user').select(['id', sql<string>`${passwordHash}`.as('hash')]),
    )
    .execute();
});
afterAll(async () => {
  await server.close();
  await world.close();
});

/** A browser in which somebody signed in to the portal. */
async function signedIn(email: string): Promise<{ browser: BrowserLike; sessionId: string; token: string }> {
  const browser = new BrowserLike();
  const { output, cookies } = await run(world.services, sessionCreate, {
    credential: { kind: 'none' },
    input: { email, password },
    requestId: 'test',
    caller: { address: '127.0.0.1', userAgent: 'test', sessionToken: undefined },
  });
  const token = cookies[0]!.value;
  browser.setCookie(url, cookies[0]!.name, token);
  return { browser, sessionId: output.sessionId, token };
}

const redirectOf = (application: string): string => `http://127.0.0.1:9/${application}`;

async function clientOf(application: string, auth = oidc.None()): Promise<oidc.Configuration> {
  return oidc.discovery(new URL(`${url}/oidc`), application, undefined, auth, {
    execute: [oidc.allowInsecureRequests],
  });
}

type Begun = { config: oidc.Configuration; verifier: string; address: URL };

async function begin(
  application: string,
  extra: Record<string, string> = {},
  auth?: oidc.ClientAuth,
): Promise<Begun> {
  const config = await clientOf(application, auth);
  const verifier = oidc.randomPKCECodeVerifier();
  const address = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectOf(application),
    scope: 'openid profile email',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: 'state',
    ...extra,
  });
  return { config, verifier, address };
}

const finish = ({ config, verifier }: Begun, left: URL) =>
  oidc.authorizationCodeGrant(config, left, { pkceCodeVerifier: verifier, expectedState: 'state' });

/** The whole code flow, without a page. */
async function signOn(browser: BrowserLike, application: string, extra: Record<string, string> = {}) {
  const begun = await begin(application, extra);
  const { left } = await browser.follow(begun.address, url);
  if (!left) throw new Error('the sign-on stopped at a page');
  const tokens = await finish(begun, left);
  return { tokens, claims: tokens.claims()!, config: begun.config };
}

const give = (membership: string, entitlement: string) =>
  sql`insert into assignment (id, membership_id, entitlement_id, why) values (gen_random_uuid(), ${membership}, ${entitlement}, 'direct')`.execute(
    world.db,
  );

describe('signing on', () => {
  it('names the person, the organization and the roles that are held now', async () => {
    const { membershipId, userId } = world.people.northMember;
    await give(membershipId, world.entitlements.partsViewer);
    await give(membershipId, world.entitlements.ledgerClerk); // above the ceiling of acme
    const { browser } = await signedIn('northmember@example.org');
    const { tokens, claims, config } = await signOn(browser, 'parts');
    expect(claims).toMatchObject({
      sub: userId,
      iss: `${url}/oidc`,
      aud: 'parts',
      name: 'northMember',
      email: 'northmember@example.org',
      email_verified: true,
      organization: { id: world.organizations.acmeNorth.id, name: 'acmeNorth' },
      roles: ['viewer'],
    });
    expect(await oidc.fetchUserInfo(config, tokens.access_token, userId)).toMatchObject({
      sub: userId,
      roles: ['viewer'],
    });
  });

  it('tells what stands in the fields that applications are told, and in no other', async () => {
    const { membershipId, userId } = world.people.siteMember;
    const organizationId = world.organizations.acme.id;
    const fields = [
      { key: 'depot', claim: true },
      { key: 'shirt', claim: true, seenBy: 'self' },
      { key: 'badge' },
      { key: 'rating', seenBy: 'managers' },
    ] as const;
    const define = (field: { key: string; claim?: boolean; seenBy?: 'self' | 'managers' }) =>
      world.as('acmeManager', 'attribute.define', {
        organizationId,
        label: field.key,
        kind: 'text',
        ...field,
      });
    for (const field of fields) await define(field);
    const told = { depot: 'depot', shirt: 'shirt' };
    await world.as('acmeManager', 'membership.update', {
      membershipId,
      attributes: { ...told, badge: 'badge', rating: 'rating' },
    });
    // Whatever its definition came to say: what only managers see is told to nobody else.
    await sql`update attribute_definition set claim = true where key = 'rating'`.execute(world.db);
    const { browser } = await signedIn('sitemember@example.org');
    const scope = 'openid attributes';
    const { tokens, claims, config } = await signOn(browser, 'parts', { scope });
    expect(claims.attributes).toEqual(told);
    expect((await oidc.fetchUserInfo(config, tokens.access_token, userId)).attributes).toEqual(told);
    // Told to whoever asks for them, as they stand at each token.
    expect((await signOn(browser, 'notes')).claims.attributes).toBeUndefined();
    await define({ key: 'shirt', seenBy: 'self', claim: false });
    const again = await oidc.refreshTokenGrant(config, tokens.refresh_token!);
    expect(again.claims()!.attributes).toEqual({ depot: 'depot' });
  });

  it('goes to the second application without a page, and lets in who has no role there', async () => {
    const { browser } = await signedIn('northmember@example.org');
    await signOn(browser, 'parts');
    expect((await signOn(browser, 'notes')).claims.roles).toEqual([]);
  });

  it('shows a role at the next refresh, and does not once it was taken', async () => {
    const { browser } = await signedIn('southmember@example.org');
    const first = await signOn(browser, 'parts');
    expect(first.claims.roles).toEqual([]);
    await give(world.people.southMember.membershipId, world.entitlements.partsBuyer);
    const second = await oidc.refreshTokenGrant(first.config, first.tokens.refresh_token!);
    expect(second.claims()!.roles).toEqual(['buyer']);
    await sql`update assignment set state = 'ended' where membership_id = ${world.people.southMember.membershipId}`.execute(
      world.db,
    );
    const third = await oidc.refreshTokenGrant(first.config, second.refresh_token!);
    expect(third.claims()!.roles).toEqual([]);
  });

  it('refuses a refresh token that was used, and with it the whole sign-on', async () => {
    const { browser } = await signedIn('southmember@example.org');
    const { config, tokens } = await signOn(browser, 'parts');
    const next = await oidc.refreshTokenGrant(config, tokens.refresh_token!);
    const refused = { code: 'OAUTH_RESPONSE_BODY_ERROR', error: 'invalid_grant' };
    await expect(oidc.refreshTokenGrant(config, tokens.refresh_token!)).rejects.toMatchObject(refused);
    await expect(oidc.refreshTokenGrant(config, next.refresh_token!)).rejects.toMatchObject(refused);
  });

  it('names the other organization after a switch, and mixes nothing (I06)', async () => {
    const { membershipId, userId } = world.people.betaMember;
    const second = await addMembership(world.db, userId, 'betamember', world.organizations.acmeSouth);
    await give(second, world.entitlements.partsBuyer);
    const { browser, sessionId } = await signedIn('betamember@example.org');
    const first = await signOn(browser, 'parts');
    expect(first.claims).toMatchObject({ organization: { name: 'beta' }, roles: [] });
    await sql`update session set membership_id = ${second} where id = ${sessionId}`.execute(world.db);
    expect((await signOn(browser, 'parts')).claims).toMatchObject({
      organization: { name: 'acmeSouth' },
      roles: ['buyer'],
    });
    // What was signed on before speaks for the organization it was signed on with.
    const again = await oidc.refreshTokenGrant(first.config, first.tokens.refresh_token!);
    expect(again.claims()).toMatchObject({ organization: { name: 'beta' }, roles: [] });
    await sql`update session set membership_id = ${membershipId} where id = ${sessionId}`.execute(world.db);
  });
});

describe('when something has ended', () => {
  const refused = { error: 'invalid_grant' };
  it.each([
    [
      'the session',
      (sessionId: string) => sql`update session set ended_at = remit_now() where id = ${sessionId}`,
    ],
    [
      'the membership',
      () => sql`update membership set state = 'suspended' where id = ${world.people.siteMember.membershipId}`,
    ],
    [
      'the organization',
      () => sql`update organization set state = 'suspended' where id = ${world.organizations.acmeNorth.id}`,
    ],
    [
      'the person',
      () => sql`update app_user set state = 'suspended' where id = ${world.people.siteMember.userId}`,
    ],
  ])('%s: no refresh, no userinfo, nothing active (I15)', async (_, end) => {
    const { browser, sessionId } = await signedIn('sitemember@example.org');
    const { config, tokens } = await signOn(browser, 'parts');
    expect((await oidc.tokenIntrospection(config, tokens.access_token)).active).toBe(true);
    await end(sessionId).execute(world.db);
    try {
      await expect(oidc.refreshTokenGrant(config, tokens.refresh_token!)).rejects.toMatchObject(refused);
      await expect(
        oidc.fetchUserInfo(config, tokens.access_token, world.people.siteMember.userId),
      ).rejects.toMatchObject({ status: 401 });
      expect((await oidc.tokenIntrospection(config, tokens.access_token)).active).toBe(false);
    } finally {
      await sql`update membership set state = 'active'`.execute(world.db);
      await sql`update organization set state = 'active'`.execute(world.db);
      await sql`update app_user set state = 'active'`.execute(world.db);
    }
  });

  it('the application: it is no client from then on', async () => {
    const { browser } = await signedIn('sitemember@example.org');
    const { config, tokens } = await signOn(browser, 'notes');
    await sql`update application set state = 'retired' where key = 'notes'`.execute(world.db);
    await expect(oidc.refreshTokenGrant(config, tokens.refresh_token!)).rejects.toMatchObject({
      error: 'invalid_client',
    });
    await sql`update application set state = 'active' where key = 'notes'`.execute(world.db);
  });

  it('the portal session: the next sign-on asks for a sign-in, though the provider remembers one', async () => {
    const { browser, sessionId } = await signedIn('sitemember@example.org');
    await signOn(browser, 'parts');
    await sql`update session set ended_at = remit_now() where id = ${sessionId}`.execute(world.db);
    const { left } = await browser.follow((await begin('parts')).address, `${url}/oidc`);
    expect(left?.pathname).toBe('/sign-in');
    expect(left?.searchParams.get('next')).toMatch(/^\/oidc\/interaction\/[\w-]+$/);
  });

  it('and another person signs in to the portal: the sign-on is theirs', async () => {
    const { browser } = await signedIn('sitemember@example.org');
    await signOn(browser, 'parts');
    const other = await signedIn('southmember@example.org');
    browser.setCookie(url, 'remit_session', other.token);
    expect((await signOn(browser, 'parts')).claims.sub).toBe(world.people.southMember.userId);
  });
});

describe('a sign-on that is not signed in yet', () => {
  it('goes to the sign-in page and on from there', async () => {
    const browser = new BrowserLike();
    const begun = await begin('parts');
    const { left } = await browser.follow(begun.address, `${url}/oidc`);
    const { token } = await signedIn('sitemember@example.org');
    browser.setCookie(url, 'remit_session', token);
    const onward = await browser.follow(new URL(left!.searchParams.get('next')!, url), url);
    expect((await finish(begun, onward.left!)).claims()!.sub).toBe(world.people.siteMember.userId);
  });

  it('asks again when the application wants that, even of who is signed in', async () => {
    const { browser } = await signedIn('sitemember@example.org');
    const { left } = await browser.follow((await begin('parts', { prompt: 'login' })).address, `${url}/oidc`);
    expect(left?.pathname).toBe('/sign-in');
  });

  it('answers login_required when no page may be shown', async () => {
    const { left } = await new BrowserLike().follow((await begin('parts', { prompt: 'none' })).address, url);
    expect(left?.searchParams.get('error')).toBe('login_required');
  });
});

describe('what is refused', () => {
  it('an application that the organization may not use: a page says so', async () => {
    const { browser } = await signedIn('sitemember@example.org');
    const answer = await browser.follow((await begin('ledger')).address, url);
    if (answer.left) throw new Error(`left to ${answer.left}`);
    expect(answer.page.status).toBe(403);
    const text = await answer.page.text();
    expect(text).toContain('ledger is not open to acmeNorthSite');
    expect(answer.page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const { rows } =
      await sql`select 1 from sign_on n join application a on a.id = n.application_id where a.key = 'ledger'`.execute(
        world.db,
      );
    expect(rows).toEqual([]);
  });

  it.each([
    ['another redirect', { redirect_uri: 'http://127.0.0.1:9/parts/' }, 'redirect_uri'],
    ['a plain challenge', { code_challenge_method: 'plain' }, 'code_challenge_method'],
    ['the implicit flow', { response_type: 'id_token', nonce: 'n' }, 'response_type'],
  ])('%s', async (_, extra, said) => {
    const { browser } = await signedIn('sitemember@example.org');
    const answer = await browser.follow((await begin('parts', extra)).address, url);
    const words = answer.left ? answer.left.href : await answer.page.text();
    expect(words).toContain(said);
    expect(words).not.toContain('code=');
  });

  it('no challenge at all', async () => {
    const { browser } = await signedIn('sitemember@example.org');
    const { address } = await begin('parts');
    address.searchParams.delete('code_challenge');
    address.searchParams.delete('code_challenge_method');
    const answer = await browser.follow(address, url);
    expect(answer.left?.searchParams.get('error')).toBe('invalid_request');
  });

  it('a code twice, also at once; and what came of it ends (I43)', async () => {
    const { browser } = await signedIn('sitemember@example.org');
    const begun = await begin('parts');
    const { left } = await browser.follow(begun.address, url);
    const both = await Promise.allSettled([finish(begun, left!), finish(begun, left!)]);
    expect(both.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
    await expect(finish(begun, left!)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('a code after its minute, by database time', async () => {
    const { browser } = await signedIn('sitemember@example.org');
    const begun = await begin('parts');
    const { left } = await browser.follow(begun.address, url);
    await passTime(world.db, 61);
    await expect(finish(begun, left!)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('a code of one application at another (I44)', async () => {
    const { browser } = await signedIn('sitemember@example.org');
    const begun = await begin('parts');
    const { left } = await browser.follow(begun.address, url);
    const other = { ...begun, config: await clientOf('notes') };
    await expect(finish(other, left!)).rejects.toMatchObject({ error: 'invalid_grant' });
  });
});

describe('a confidential application', () => {
  const secret = 'the secret of the ledger';
  const grant = async (browser: BrowserLike, auth: oidc.ClientAuth) => {
    const begun = await begin('notes', {}, auth);
    const { left } = await browser.follow(begun.address, url);
    return finish(begun, left!);
  };
  beforeAll(async () => {
    const hash = createHash('sha256').update(secret).digest();
    await sql`update application set client_secret_hash = ${hash} where key = 'notes'`.execute(world.db);
  });
  afterAll(async () => {
    await sql`update application set client_secret_hash = null where key = 'notes'`.execute(world.db);
  });

  it.each([
    ['basic', oidc.ClientSecretBasic],
    ['post', oidc.ClientSecretPost],
  ])('sends its secret by %s; another secret, its digest, or none, is refused', async (_, by) => {
    const { browser } = await signedIn('sitemember@example.org');
    expect((await grant(browser, by(secret))).claims()!.sub).toBe(world.people.siteMember.userId);
    const digest = createHash('sha256').update(secret).digest('hex');
    for (const wrong of [by('another'), by(digest), oidc.None()])
      await expect(grant(browser, wrong)).rejects.toMatchObject({ status: 401 });
  });
});

describe('signing out', () => {
  it('asks, then ends the portal session and every sign-on', async () => {
    const { browser, sessionId } = await signedIn('sitemember@example.org');
    const { tokens, config } = await signOn(browser, 'parts');
    const asked = await browser.follow(
      oidc.buildEndSessionUrl(config, { id_token_hint: tokens.id_token! }),
      url,
    );
    if (asked.left) throw new Error('signed out without asking');
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(await asked.page.text())![1]!;
    await browser.follow(`${url}/oidc/session/end/confirm`, url, {
      method: 'POST',
      body: new URLSearchParams({ xsrf, logout: 'yes' }),
    });
    const { rows } = await sql<{
      ended: boolean;
    }>`select ended_at is not null as ended from session where id = ${sessionId}`.execute(world.db);
    expect(rows).toEqual([{ ended: true }]);
    await expect(oidc.refreshTokenGrant(config, tokens.refresh_token!)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });
});

describe('what is kept', () => {
  it('makes keys once, also when two processes start at once', async () => {
    const { db } = world;
    const { secretKeys } = world.services.config;
    await sql`delete from provider_key`.execute(db);
    const [one, other] = await Promise.all([loadKeys(db, secretKeys), loadKeys(db, secretKeys)]);
    expect(one).toEqual(other);
    expect(one.sign.map(({ alg }) => alg).sort()).toEqual(['ES256', 'RS256']);
    expect(await loadKeys(db, secretKeys)).toEqual(one);
  });

  it('holds no token and no session id (I54)', async () => {
    const { browser, token } = await signedIn('sitemember@example.org');
    const { tokens } = await signOn(browser, 'parts');
    // An application that wants the person anew leaves an interaction, which knows of the session so far.
    await browser.follow((await begin('parts', { prompt: 'login' })).address, `${url}/oidc`);
    const provider = browser.cookie('remit_provider')!;
    expect(provider.length).toBeGreaterThan(20);
    const { rows } = await sql<{ all: string }>`
      select (select string_agg(r::text, '') from provider_record r) || (select string_agg(s::text, '') from session s)
        || (select string_agg(e::text, '') from event e) as all`.execute(world.db);
    for (const secret of [token, provider, tokens.access_token, tokens.refresh_token!])
      expect(rows[0]!.all).not.toContain(secret);
  });

  it('names only the configured address, whatever the request says', async () => {
    const answer = await fetch(`${url}/oidc/.well-known/openid-configuration`, {
      headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    });
    const text = await answer.text();
    expect(text).not.toContain('evil.example');
    expect(JSON.parse(text)).toMatchObject({ issuer: `${url}/oidc`, token_endpoint: `${url}/oidc/token` });
  });
});
