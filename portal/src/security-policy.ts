import { setNonce } from 'get-nonce';

/** The nonce that lets Mantine and its dialogs add style elements under the strict content security policy. */
export const nonce: string = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

// the scroll lock below Mantine's dialogs asks this package, not Mantine
setNonce(nonce);
