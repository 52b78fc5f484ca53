import { useState } from 'react';

let taken: string | undefined;

/**
 * The secret behind `#` of a mailed link. It is taken out of the address bar at once, so that it stays out of
 * history, screenshots and bookmarks. Kept in memory until the page is left.
 */
export function useSecretLink(): string {
  const [secret] = useState(() => {
    const fromAddress = decodeURIComponent(location.hash.slice(1));
    if (fromAddress) {
      taken = fromAddress;
      history.replaceState(history.state, '', location.pathname + location.search);
    }
    return taken ?? '';
  });
  return secret;
}

/** After it was used or given up. */
export function forgetSecretLink(): void {
  taken = undefined;
}
