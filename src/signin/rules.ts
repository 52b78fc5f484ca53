import { isIPv6 } from 'node:net';

/**
 * Attempts allowed in a window before a source has to wait. Nothing here locks an account: a row counts one
 * account from one source, so somebody else's guessing never stands in the owner's way (I39). An owner behind
 * the guesser's own address still has a browser that signed in before, another address, and a recovery link.
 */
export const windowSeconds = 15 * 60;
/** one account from one source */
export const perAccountAndSource = 10;
/** one source, whatever it tries; an office signs in through one address, and what succeeds is not counted */
export const perSource = 100;

export const recoverySeconds = 3600;
/** A person gets at most this many recovery mails an hour, whoever asks; each of them works. */
export const recoveriesPerHour = 5;
export const codeDays = 7;
export const setupSeconds = 30 * 60;

/**
 * What counts as one source: an IPv4 address, or the /64 that one household or server gets of IPv6. A proxy's
 * IPv4-mapped form is the IPv4 address.
 */
export function sourceOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const groups = [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

/** How somebody says who they are: by proved address, or by user name in their home organization. */
export type Named = { email: string } | { organization: string; userName: string };

/** Reads who is meant from an operation's input; undefined when it is neither of the two ways. */
export function namedIn(input: {
  email?: string | undefined;
  organization?: string | undefined;
  userName?: string | undefined;
}): Named | undefined {
  const { email, organization, userName } = input;
  if (email !== undefined && organization === undefined && userName === undefined) return { email };
  if (email === undefined && organization !== undefined && userName !== undefined)
    return { organization, userName };
  return undefined;
}
