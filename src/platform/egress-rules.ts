import ipaddr from 'ipaddr.js';

/**
 * Where calls may go that leave by HTTP (ruling 16). People of partners write these addresses, so without an operator's
 * word none of them leads into the network that Remit stands in: https, port 443, public addresses.
 */
export type EgressRules = {
  /** networks that may be reached though they are not public */
  networks: readonly string[];
  /** hosts that may be called by plain http */
  httpHosts: readonly string[];
  /** beside 443 */
  ports: readonly number[];
};

/** Why a call is not made. */
export type Barred =
  | 'not-an-address'
  | 'not-https'
  | 'credentials-in-address'
  | 'port-not-allowed'
  | 'address-not-allowed';

/** Public by its number, and the inside of a cloud for whoever calls from there. */
const metadata = ['168.63.129.16/32'];

/** Only here are addresses that are assigned to somebody on the internet (RFC 4291, section 2.5.4). */
const globalUnicast = ipaddr.parseCIDR('2000::/3');

/** What is wrong with an address that somebody gives, as far as its text says; undefined when nothing is. */
export function barredUrl(rules: EgressRules, text: string): Barred | undefined {
  if (!URL.canParse(text)) return 'not-an-address';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'not-https';
  if (url.username || url.password) return 'credentials-in-address';
  if (url.protocol === 'http:' && !rules.httpHosts.includes(hostOf(url))) return 'not-https';
  const usual = url.protocol === 'http:' ? 80 : 443;
  const port = url.port === '' ? usual : Number(url.port);
  // A host listed for plain http has its usual port with it.
  if (port !== 443 && !rules.ports.includes(port) && !(url.protocol === 'http:' && port === 80))
    return 'port-not-allowed';
  const literal = literalOf(url);
  return literal === undefined || mayConnect(rules, literal) ? undefined : 'address-not-allowed';
}

/** The name as it is compared: without the brackets of IPv6, without the dot of the DNS root. */
export const hostOf = ({ hostname }: URL): string =>
  hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();

/** The IP address that stands where a name would; the URL parser has put odd spellings (octal, one number) right. */
export function literalOf(url: URL): string | undefined {
  const host = hostOf(url);
  return ipaddr.isValid(host) ? host : undefined;
}

/**
 * Whether a connection may be opened to this address. What is not plainly public is not allowed: private, loopback,
 * link-local, multicast, reserved, and every form of IPv6 that carries an address of IPv4 inside.
 */
export function mayConnect(rules: Pick<EgressRules, 'networks'>, address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const given = ipaddr.parse(address);
  // The kernel connects `::ffff:10.0.0.7` to 10.0.0.7, so it is judged, and listed, as that.
  const plain = given.kind() === 'ipv6' && (given as ipaddr.IPv6).isIPv4MappedAddress();
  const judged = plain ? (given as ipaddr.IPv6).toIPv4Address() : given;
  if (within(judged, rules.networks)) return true;
  if (plain || judged.range() !== 'unicast' || within(judged, metadata)) return false;
  return judged.kind() === 'ipv4' || (judged as ipaddr.IPv6).match(globalUnicast as [ipaddr.IPv6, number]);
}

function within(address: ipaddr.IPv4 | ipaddr.IPv6, networks: readonly string[]): boolean {
  return networks.some((network) => {
    const [base, bits] = ipaddr.parseCIDR(asNetwork(network));
    return base.kind() === address.kind() && address.match([base, bits] as never);
  });
}

const asNetwork = (network: string): string =>
  network.includes('/') ? network : `${network}/${network.includes(':') ? 128 : 32}`;
