import { sql } from 'kysely';
import type { Services } from '../src/operation/pipeline.ts';
import { startDemoApplications } from './applications/start.ts';
import { demoApplications } from './applications.ts';
import { loadDemo } from './load.ts';
import { demoPassword, demoPeople } from './people.ts';

/**
 * What a demo has besides: its two applications, next to the server's port, and on the first start its data. Prints who
 * one can sign in as and what to try.
 */
export async function startDemo(
  services: Services,
  print: (line?: string) => void,
  chosenPorts?: readonly number[],
): Promise<{ urls: Record<string, string>; fresh: boolean; stop(): Promise<void> }> {
  const { config, db } = services;
  const { rows } = await sql`select 1 from instance`.execute(db);
  const fresh = rows.length === 0;
  // Neighbors of the server's port, so that addresses registered once stay right at the next start.
  const ports = chosenPorts ?? demoApplications.map((_, index) => config.port + 1 + index);
  const applications = await startDemoApplications({
    issuer: `${config.url}/oidc`,
    portalUrl: config.url,
    clientIdOf: (key) => clientIdOf(db, key),
    ports,
  });
  const { urls } = applications;
  if (fresh) {
    print('Loading demo data …');
    await loadDemo(services, urls);
  } else await keepAddresses(services, urls);
  print();
  print(`Sign in as (password for all: ${demoPassword})`);
  for (const person of Object.values(demoPeople)) print(`  ${person.email.padEnd(28)} ${person.says}`);
  print(
    'Try: as Petra, onboard a partner; open its manager’s mail; invite somebody; sign on to both applications.',
  );
  return { urls, fresh, stop: () => applications.stop() };
}

/** Under which id Remit knows the application with this key that stands in the topmost organization. */
export async function clientIdOf(db: Services['db'], key: string): Promise<string> {
  const { rows } = await sql<{ client_id: string }>`
    select a.client_id from application a join organization o on o.id = a.organization_id
    where a.key = ${key} and o.parent_id is null`.execute(db);
  if (!rows[0]) throw new Error(`the application ${key} is not registered`);
  return rows[0].client_id;
}

/** A demo that is started on another port registers its applications' addresses anew. */
async function keepAddresses({ db }: Services, urls: Record<string, string>): Promise<void> {
  for (const [key, url] of Object.entries(urls))
    await sql`update application set home_url = ${url}, redirect_uris = ${[`${url}/callback`]}::text[], post_logout_redirect_uris = ${[`${url}/`]}::text[]
      where key = ${key} and organization_id = (select id from organization where parent_id is null) and home_url is distinct from ${url}`.execute(
      db,
    );
}
