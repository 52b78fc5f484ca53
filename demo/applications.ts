import { declarations } from './applications/start.ts';

/** The two applications of the demo, as the power user registers them. */
export const demoApplications = declarations.map(({ key, name, says, can }) => ({
  key,
  name,
  description: says,
  roles: Object.entries(can).map(([role, description]) => ({
    key: role,
    name: role[0]!.toUpperCase() + role.slice(1),
    description,
  })),
}));
