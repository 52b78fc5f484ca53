import { ConnectorError, type Page } from './connector.ts';
import { type Declared, listAt, seenOf, send } from './http-requests.ts';
import { at } from './http-template.ts';

/** Where a list goes on, and how many were read before: kept by whoever asks for the next page. */
type Place = { next: string | number; read: number };

/**
 * One page of a declared list. All was read when the API said so: by an empty page, by giving no further cursor, and by
 * the total that it names, where it names one (I48).
 */
export async function pageOf(http: Declared, from: string | undefined): Promise<Page> {
  const { list } = http.api;
  if (!list) throw new ConnectorError('bad-settings', 'Its requests do not say how to read all accounts.');
  const place = from === undefined ? undefined : (JSON.parse(from) as Place);
  const answer = await send(http, { ...list, request: requestAt(http, place) }, {});
  const items = listAt(answer, list.items);
  const seen = items.map((item) => seenOf(http.api, item));
  const read = (place?.read ?? 0) + seen.length;
  const named = list.total === undefined ? undefined : at(answer, list.total);
  const total = typeof named === 'number' ? named : undefined;
  const next = nextOf(http, answer, items.length, place, total === undefined ? undefined : read < total);
  return {
    seen,
    ...(next === undefined ? {} : { next: JSON.stringify({ next, read } satisfies Place) }),
    whole: next === undefined && (list.total === undefined || total === read),
    ...(total === undefined ? {} : { total }),
  };
}

function requestAt({ api, base }: Declared, place: Place | undefined): string {
  const { request, paging } = api.list!;
  if (!paging) return request;
  if (paging.by === 'link') return place ? `GET ${String(place.next).slice(base.length)}` : request;
  const [method, path] = request.split(' ') as [string, string];
  const url = new URL(path, 'http://placeholder.invalid');
  if (paging.by !== 'cursor') {
    url.searchParams.set(paging.parameter, String(place?.next ?? paging.from));
    if (paging.sizeParameter) url.searchParams.set(paging.sizeParameter, String(paging.size));
  } else if (place) url.searchParams.set(paging.parameter, String(place.next));
  return `${method} ${url.pathname}${url.search}`;
}

/** Where it goes on; undefined when that was the last. */
function nextOf(
  { api, base }: Declared,
  answer: unknown,
  found: number,
  place: Place | undefined,
  more: boolean | undefined,
): Place['next'] | undefined {
  const { paging } = api.list!;
  if (!paging) return undefined;
  if (!('at' in paging)) {
    const here = Number(place?.next ?? paging.from);
    if (found === 0 || more === false) return undefined;
    return paging.by === 'page' ? here + 1 : here + found;
  }
  const said = at(answer, paging.at);
  if (said === null || said === undefined || said === '') return undefined;
  if (said === place?.next)
    throw new ConnectorError('failing', 'Its list leads back to the same page for ever.');
  if (paging.by === 'cursor')
    return typeof said === 'number' ? said : typeof said === 'string' ? said : undefined;
  const link =
    typeof said === 'string' && URL.canParse(said, `${base}/`) ? new URL(said, `${base}/`).href : '';
  // Credentials go to the address that was given, and to no other that an answer names.
  if (!link.startsWith(`${base}/`) && !link.startsWith(`${base}?`))
    throw new ConnectorError(
      'not-allowed',
      'Its list goes on at another address, where no password is taken to.',
    );
  return link;
}
