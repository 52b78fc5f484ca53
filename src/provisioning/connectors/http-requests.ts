import { type AccountValue, type AccountValues, ConnectorError, type Seen } from './connector.ts';
import { type Caller, isObject, jsonOf } from './http-answers.ts';
import type { DeclaredApi } from './http-declared.ts';
import { at, filledBody, filledPath, type Given } from './http-template.ts';

/** A declared API, and who calls it. */
export type Declared = {
  api: DeclaredApi;
  base: string;
  headers: Record<string, string>;
  call: Caller;
};

/** Sends a declared request. */
export async function send(
  { base, headers, call }: Declared,
  declared: { request: string; body?: unknown },
  given: Given,
  { onlyGiven = false, more = {} }: { onlyGiven?: boolean; more?: Record<string, string> } = {},
): Promise<unknown> {
  const [method, path] = declared.request.split(' ') as ['GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', string];
  const body =
    declared.body === undefined ? undefined : JSON.stringify(filledBody(declared.body, given, onlyGiven));
  const answer = await call({
    method,
    url: `${base}${filledPath(path, given)}`,
    headers: { ...headers, ...more, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body }),
  });
  return answer.body === '' ? undefined : jsonOf(answer.body);
}

export const isName = (value: unknown): value is string | number =>
  (typeof value === 'string' && value !== '') || typeof value === 'number';

export function listAt(answer: unknown, pointer: string): unknown[] {
  const list = answer === undefined ? [] : at(answer, pointer);
  if (!Array.isArray(list))
    throw new ConnectorError(
      'bad-settings',
      `It answers no list at ${pointer || 'the top'}: look at its requests.`,
    );
  return list;
}

/** An account as it stands in an answer. */
export function seenOf(api: DeclaredApi, item: unknown, made = false): Seen {
  const { account } = api;
  const id = isObject(item) ? at(item, account.id) : undefined;
  if (!isName(id))
    throw new ConnectorError('bad-settings', `It answers an account without an id at ${account.id}.`, {
      mayHaveHappened: made,
    });
  const correlation = at(item, account.correlation);
  const values: Record<string, AccountValue> = {};
  for (const [key, pointer] of Object.entries(account.values)) values[key] = accountValue(at(item, pointer));
  const roles = account.roles && at(item, account.roles.at);
  return {
    id: String(id),
    correlation: isName(correlation) ? String(correlation) : undefined,
    enabled: account.enabled ? at(item, account.enabled.at) === account.enabled.when : true,
    values: values satisfies AccountValues,
    roles: Array.isArray(roles)
      ? roles
          .map((role) => (account.roles!.id === undefined ? role : at(role, account.roles!.id)))
          .filter(isName)
          .map(String)
      : undefined,
  };
}

const accountValue = (value: unknown): AccountValue =>
  typeof value === 'boolean'
    ? value
    : typeof value === 'number'
      ? String(value)
      : typeof value === 'string'
        ? value
        : Array.isArray(value)
          ? value.map(String)
          : null;
