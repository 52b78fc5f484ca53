import { expect, it } from 'vitest';
import { operationList } from '../../src/server/operations.gen.ts';

/** Changes of what people may do and have: whoever makes them can look first at who gains and loses what. */
const changing =
  /^(delegation|exception|rule)\.|^admin-role\.(updated|retired)$|^access-role\.(updated|retired)$|^(application|entitlement)\.retired$|^organization\.(suspended|resumed|closed|moved|merged)$|^membership\.(ended|suspended|resumed)$/;

/** Those without a preview, each with its reason. May only shrink. */
const without: Record<string, string> = {
  'arrangement.load': 'makes organizations and people that are not there yet, and shows each of them first',
  'client.create': 'says what the key will do before it is made, and nobody else is concerned',
  'client.end': 'a key and nobody else loses what it had',
  'import.apply': 'has a difference of its own',
  'invitation.accept': 'is what the invited person takes up',
  'membership.update': 'a last day set earlier, and a line manager, have their own words on the page',
  'organization.update':
    'another time zone moves the days of access by hours, never beyond what its doer could give',
  'partner.onboard': 'concerns people who are not there yet',
  'setup.complete': 'is the first minute: nobody is there yet',
};

/** An approval does what its request has shown all along to those who decide; taking it back undoes just that. */
const byRequest = (type: string): boolean => type === 'request.approved' || type === 'request.reopened';

const concerned = operationList.filter(
  ({ events }) => events?.some((type) => changing.test(type)) && !events.some(byRequest),
);

it('every change of power, boundary, role or tree can be previewed', () => {
  expect(concerned.length).toBeGreaterThan(20);
  expect(
    concerned.filter(({ name, previews }) => !previews && !without[name]).map(({ name }) => name),
  ).toEqual([]);
});

it('no exemption has outlived its reason', () => {
  const names = new Set(operationList.filter(({ previews }) => !previews).map(({ name }) => name));
  expect(Object.keys(without).filter((name) => !names.has(name))).toEqual([]);
});

it('only changes are previewed, and none that hands out a secret', () => {
  for (const { name, previews, effect, secretOutput, needs } of operationList)
    if (previews) {
      expect(effect, name).not.toBe('reading');
      expect(secretOutput, name).toBeUndefined();
      expect(needs, name).not.toBe('public');
    }
});
