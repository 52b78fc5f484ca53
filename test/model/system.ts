/** What happens to the world without anybody's act: time, and rows that other rooms (files, register, operator) write. */
import { type Kysely, sql } from 'kysely';
import { passTime } from '../../src/platform/clock.ts';
import type { DB } from '../../src/platform/schema.gen.ts';
import { textOf, writeLinks } from './database.ts';
import type { Exception, Guardian, Link, Membership, World } from './world.ts';

export type Happening = {
  what: string;
  happen: (db: Kysely<DB>, paths: Map<string, string>) => Promise<void>;
  /** the same in the model */
  follow: (world: World) => void;
};

export const timePasses = (seconds: number): Happening => ({
  what: `${seconds} seconds pass`,
  happen: (db) => passTime(db, seconds),
  follow: (world) => {
    world.now += seconds * 1000;
  },
});

export const linkAppears = (world: World, link: Link): Happening => ({
  what: `there is a delegation ${JSON.stringify(link)}`,
  happen: async (db, paths) => {
    const after = { ...world, links: new Map(world.links).set(link.id, link) };
    await writeLinks(db, after, [link], paths);
  },
  follow: (after) => {
    after.links.set(link.id, link);
  },
});

export const joins = (membership: Membership, name: string): Happening => ({
  what: `somebody joins: ${JSON.stringify(membership)}`,
  happen: async (db, paths) => {
    const { id, userId, organizationId, startsAt, endsAt, managerId } = membership;
    await sql`insert into membership (id, user_id, organization_id, path, sort_name, starts_at, ends_at, line_manager_id)
      values (${id}, ${userId}, ${organizationId}, ${paths.get(organizationId)}, ${name.toLowerCase()}, ${textOf(startsAt)},
        ${textOf(endsAt)}, ${managerId})`.execute(db);
  },
  follow: (world) => {
    world.memberships.set(membership.id, membership);
  },
});

export const reportsTo = (membershipId: string, managerId: string | null): Happening => ({
  what: `${membershipId} reports to ${managerId}`,
  happen: async (db) => {
    await sql`update membership set line_manager_id = ${managerId} where id = ${membershipId}`.execute(db);
  },
  follow: (world) => {
    world.memberships.set(membershipId, { ...world.memberships.get(membershipId)!, managerId });
  },
});

export const lastDay = (membershipId: string, endsAt: number): Happening => ({
  what: `${membershipId} leaves at ${textOf(endsAt)}`,
  happen: async (db) => {
    await sql`update membership set ends_at = ${textOf(endsAt)} where id = ${membershipId}`.execute(db);
  },
  follow: (world) => {
    world.memberships.set(membershipId, { ...world.memberships.get(membershipId)!, endsAt });
  },
});

export const guardianAppears = (guardian: Guardian): Happening => ({
  what: `there is a guardian ${JSON.stringify(guardian)}`,
  happen: async (db) => {
    const { id, membershipId, organizationId, startsAt, endsAt } = guardian;
    await sql`insert into guardian (id, membership_id, organization_id, starts_at, ends_at)
      values (${id}, ${membershipId}, ${organizationId}, ${textOf(startsAt)}, ${textOf(endsAt)})`.execute(db);
  },
  follow: (world) => {
    world.guardians.set(guardian.id, guardian);
  },
});

export const exceptionAppears = (exception: Exception): Happening => ({
  what: `there is an exception ${JSON.stringify(exception)}`,
  happen: async (db, paths) => {
    const { id, place, permissions, applicationId, entitlementId, userId, setUnder } = exception;
    await sql`insert into exception (id, organization_id, path, below, permissions, application_id, entitlement_id, user_id, set_under, starts_at, ends_at)
      values (${id}, ${place.organizationId}, ${paths.get(place.organizationId)}, ${place.below}, ${permissions}::text[],
        ${applicationId}, ${entitlementId}, ${userId}, ${setUnder}, ${textOf(exception.startsAt)}, ${textOf(exception.endsAt)})`.execute(
      db,
    );
  },
  follow: (world) => {
    world.exceptions.set(exception.id, exception);
  },
});

export const userIsSwitched = (userId: string, state: 'active' | 'suspended'): Happening => ({
  what: `${userId} is ${state}`,
  happen: async (db) => {
    await sql`update app_user set state = ${state} where id = ${userId}`.execute(db);
  },
  follow: (world) => {
    world.users.set(userId, { ...world.users.get(userId)!, state });
  },
});
