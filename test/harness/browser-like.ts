/** What a browser does with cookies and redirects, for tests over HTTP that need no page. */
export class BrowserLike {
  readonly #cookies = new Map<string, { value: string; path: string; host: string }>();

  setCookie(origin: string, name: string, value: string): void {
    this.#keep(new URL(origin), `${name}=${value}; Path=/`);
  }

  cookie(name: string): string | undefined {
    for (const [key, { value }] of this.#cookies) if (key.split('|')[1] === name) return value;
    return undefined;
  }

  /** One request, without following anything. */
  async get(address: string | URL, init: RequestInit = {}): Promise<Response> {
    const url = new URL(address);
    const cookies = [...this.#cookies.entries()]
      .filter(([, { path, host }]) => host === url.hostname && url.pathname.startsWith(path))
      .map(([key, { value }]) => `${key.split('|')[1]}=${value}`);
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        ...init.headers,
        ...(cookies.length ? { cookie: cookies.join('; ') } : {}),
      },
    });
    for (const line of response.headers.getSetCookie()) this.#keep(url, line);
    return response;
  }

  /** Follows redirects while they stay below `within`; the first one that leaves is returned as its address. */
  async follow(
    address: string | URL,
    within: string,
    init?: RequestInit,
  ): Promise<{ left: URL } | { left?: undefined; page: Response; at: URL }> {
    let at = new URL(address);
    for (let hops = 0; hops < 12; hops += 1) {
      const response = await this.get(at, hops === 0 ? init : {});
      const to = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || !to) return { page: response, at };
      await response.arrayBuffer();
      at = new URL(to, at);
      if (!at.href.startsWith(within)) return { left: at };
    }
    throw new Error(`${address} goes round in circles`);
  }

  #keep(url: URL, line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(pair.indexOf('=') + 1);
    const attribute = (wanted: string): string | undefined =>
      attributes.find((part) => part.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
    const path = attribute('path') ?? '/';
    const key = `${url.hostname}|${name}|${path}`;
    const expires = attribute('expires');
    if (value === '' || attribute('max-age') === '0' || (expires && new Date(expires) < new Date()))
      this.#cookies.delete(key);
    else this.#cookies.set(key, { value, path, host: url.hostname });
  }
}
