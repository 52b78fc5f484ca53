import { execFile } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hashKey, touchKey } from '../../src/delegation/clients.ts';
import { passTime } from '../../src/platform/clock.ts';
import { makeServer } from '../../src/server/http.ts';
import { makeWorld, type World } from '../harness/world.ts';

let world: World;
let server: FastifyInstance;
let url: string;
let key: string;
let clientId: string;

beforeAll(async () => {
  world = await makeWorld();
  server = await makeServer(world.services);
  await server.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  const made = await world.as('acmeManager', 'client.create', {
    organizationId: world.organizations.acmeNorth.id,
    name: 'HR feed',
    permissions: ['organization.read', 'user.read', 'user.invite'],
  });
  key = made.key;
  clientId = made.id;
});
afterAll(async () => {
  await server?.close();
  await world?.close();
});

const get = (path: string, credential = key) =>
  fetch(`${url}/api${path}`, { headers: { authorization: `Bearer ${credential}` } });

const example = (people: string) =>
  promisify(execFile)(process.execPath, ['demo/api-example.ts'], {
    env: {
      PATH: process.env.PATH,
      REMIT_URL: url,
      REMIT_API_KEY: key,
      ORGANIZATION: world.organizations.acmeNorth.id,
      PEOPLE: people,
    },
  });

it('lets the documented example invite who is missing, once', async () => {
  const people = 'Ann New <ann@new.example>\nnorthMember <northmember@example.org>';
  expect((await example(people)).stdout).toBe('invited 1 of 2\n');
  expect((await example(people)).stdout).toBe('invited 0 of 2\n');
});

it('is a delegate like any other: bounded, with no more than it was given', async () => {
  expect((await get(`/organizations/${world.organizations.acmeNorth.id}`)).status).toBe(200);
  expect((await get(`/organizations/${world.organizations.acmeSouth.id}`)).status).toBe(404);
  expect((await get(`/organizations/${world.organizations.acmeNorth.id}/delegations`)).status).toBe(403);
  expect((await get('/me')).status).toBe(403);
  expect((await get('/organizations', `${key}x`)).status).toBe(401);
  expect((await get('/organizations', key.slice(0, -1))).status).toBe(401);
});

it('says when it was last used, at most once a minute and only by who had it', async () => {
  const lastUsed = async () => {
    const { items } = await world.as('acmeManager', 'client.list', {
      organizationId: world.organizations.acmeNorth.id,
    });
    return items.find((item) => item.id === clientId)!.lastUsedAt;
  };
  await expect.poll(lastUsed).not.toBeNull();
  const first = await lastUsed();
  await passTime(world.db, 30);
  await touchKey(world.db, hashKey(key));
  expect(await lastUsed()).toBe(first);
  await passTime(world.db, 60);
  await touchKey(world.db, hashKey(`${key}x`));
  expect(await lastUsed()).toBe(first);
  const other = await makeServer(world.services);
  const headers = { authorization: `Bearer ${key}` };
  expect((await other.inject({ url: '/api/organizations', headers })).statusCode).toBe(200);
  await expect.poll(lastUsed).not.toBe(first);
  await other.close();
});

it('cannot be given a protected act, or more than its maker has', async () => {
  const make = (permission: 'credential.reset' | 'application.configure') =>
    world.as('acmeManager', 'client.create', {
      organizationId: world.organizations.acme.id,
      name: permission,
      permissions: [permission],
    });
  await expect(make('credential.reset')).rejects.toMatchObject({ code: 'delegation.outside' });
  await expect(make('application.configure')).rejects.toMatchObject({ code: 'delegation.outside' });
});

it('stops with the delegation above it, with its last day, and when it is ended', async () => {
  const { delegations, db } = world;
  await world.as('owner', 'delegation.pause', { delegationId: delegations.acmeStanding });
  expect((await get(`/organizations/${world.organizations.acmeNorth.id}`)).status).toBe(404);
  await world.as('owner', 'delegation.resume', { delegationId: delegations.acmeStanding });
  expect((await get(`/organizations/${world.organizations.acmeNorth.id}`)).status).toBe(200);
  await world.as('acmeManager', 'client.end', { clientId });
  expect((await get(`/organizations/${world.organizations.acmeNorth.id}`)).status).toBe(401);
  const again = await world.as('acmeManager', 'client.create', {
    organizationId: world.organizations.acmeNorth.id,
    name: 'HR feed 2',
    permissions: ['organization.read'],
  });
  expect((await get('/organizations', again.key)).status).toBe(200);
  await passTime(db, 366 * 86_400);
  expect((await get('/organizations', again.key)).status).toBe(401);
});
