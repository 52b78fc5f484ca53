import { sql } from 'kysely';
import { z } from 'zod';
import { permissionWords } from '../../authority/words.ts';
import { operation } from '../../operation/operation.ts';

export const adminRoleList = operation({
  name: 'admin-role.list',
  summary: 'List the admin roles: named sets of what one may be let do',
  http: 'GET /admin-roles',
  input: z.object({}),
  output: z.object({
    items: z.array(
      z.object({
        id: z.string(),
        key: z.string().nullable(),
        name: z.string(),
        description: z.string(),
        permissions: z.array(z.string()),
        permissionWords: z.array(z.string()),
      }),
    ),
  }),
  needs: 'self',
  effect: 'reading',
  run: async (context) => {
    // Only the built-in ones so far; they are the same on every instance and say nothing about anybody.
    const { rows } = await sql<{
      id: string;
      key: string | null;
      name: string;
      description: string;
      permissions: string[];
    }>`
      select id, key, name, description, permissions from admin_role where organization_id is null order by id`.execute(
      context.db,
    );
    return {
      items: rows.map((role) => ({ ...role, permissionWords: role.permissions.map(permissionWords) })),
    };
  },
});
