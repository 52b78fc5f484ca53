import { ConnectorError } from './connector.ts';
import { below, isObject, jsonOf } from './http-answers.ts';
import { groupSchema, jsonBody, patchOf, quoted, readPage, type ScimHttp, text } from './scim-protocol.ts';

export type ScimGroups = {
  ensure(name: string): Promise<string>;
  add(group: string, user: string): Promise<void>;
  remove(group: string, user: string): Promise<void>;
  /** of the groups that are looked after, those that this user is in */
  of(user: string): Promise<string[]>;
};

/**
 * Groups of a SCIM server (RFC 7643, section 4.2) as roles. Members are added and removed one by one, so that whoever
 * else is in a group, by whosever hand, stays there.
 * @param roles ids of the groups that are looked after
 */
export function groupsOver(http: ScimHttp, roles: readonly string[]): ScimGroups {
  let members: Promise<Map<string, Set<string>>> | undefined;
  return {
    async ensure(name) {
      const found = await byName(http, name);
      if (found) return found;
      try {
        const { body } = await http.call({
          method: 'POST',
          url: below(http.base, 'Groups'),
          ...jsonBody(http, { schemas: [groupSchema], displayName: name }),
        });
        // Another process may have made one at the same time: both take the same of the two.
        return (await byName(http, name)) ?? idOf(jsonOf(body));
      } catch (error) {
        // Another process made it a moment ago.
        const now =
          error instanceof ConnectorError && error.problem === 'exists'
            ? await byName(http, name)
            : undefined;
        if (now) return now;
        throw error;
      }
    },
    async add(group, user) {
      await change(http, group, { op: 'add', path: 'members', value: [{ value: user }] });
      (await members)?.get(group)?.add(user);
    },
    async remove(group, user) {
      await change(http, group, { op: 'remove', path: `members[value eq ${quoted(user)}]` }).catch(
        (error: unknown) => {
          const gone =
            error instanceof ConnectorError && (error.problem === 'absent' || /noTarget/.test(error.message));
          if (!gone) throw error;
        },
      );
      (await members)?.get(group)?.delete(user);
    },
    async of(user) {
      members ??= membersOf(http, roles);
      return [...(await members)].flatMap(([group, users]) => (users.has(user) ? [group] : []));
    },
  };
}

async function byName(http: ScimHttp, name: string): Promise<string | undefined> {
  const { resources } = await readPage(http, 'Groups', {
    filter: `displayName eq ${quoted(name)}`,
    count: '10',
  });
  const ids = resources.flatMap(({ displayName, id }) => (displayName === name ? (text(id) ?? []) : []));
  return ids.sort()[0];
}

async function change(http: ScimHttp, group: string, operation: Parameters<typeof patchOf>[0][number]) {
  await http.call({
    method: 'PATCH',
    url: below(http.base, 'Groups', group),
    ...jsonBody(http, patchOf([operation])),
  });
}

/** Who is in each of these groups. Many servers do not show a user's groups with the user (RFC 7643, section 4.1.2). */
async function membersOf(http: ScimHttp, groups: readonly string[]): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  for (const group of groups) {
    const read = await http
      .call({ method: 'GET', url: below(http.base, 'Groups', group), headers: http.headers })
      .catch((error: unknown) => {
        if (error instanceof ConnectorError && error.problem === 'absent') return undefined;
        throw error;
      });
    const body = read && jsonOf(read.body);
    const members = isObject(body) && Array.isArray(body.members) ? body.members : [];
    found.set(
      group,
      new Set(members.flatMap((member) => (isObject(member) ? (text(member.value) ?? []) : []))),
    );
  }
  return found;
}

function idOf(body: unknown): string {
  const id = isObject(body) ? text(body.id) : undefined;
  if (!id) throw new ConnectorError('failing', 'It made something, and did not say under which id.');
  return id;
}
