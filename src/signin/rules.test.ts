import { expect, it } from 'vitest';
import { namedIn, sourceOf } from './rules.ts';

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::1', '2001:db8:1:2::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['', ''],
])('%s is the source %s', (address, source) => expect(sourceOf(address)).toBe(source));

it('takes an address, or an organization and a user name, and no mixture', () => {
  expect(namedIn({ email: 'a@b.example' })).toEqual({ email: 'a@b.example' });
  expect(namedIn({ organization: 'Acme', userName: 'anna' })).toEqual({
    organization: 'Acme',
    userName: 'anna',
  });
  expect(namedIn({ email: 'a@b.example', userName: 'anna' })).toBeUndefined();
  expect(namedIn({ userName: 'anna' })).toBeUndefined();
  expect(namedIn({})).toBeUndefined();
});
