import { expect, it } from 'vitest';
import { normalAddress, readEmailAddress } from './email-address.ts';

it.each([
  ['Anna.de.Vries@Acme.Example', 'anna.de.vries@acme.example'],
  ['  anna@acme.example ', 'anna@acme.example'],
  ['anna+work@sub.acme.example', 'anna+work@sub.acme.example'],
  ['jörg@bücher.example', 'jörg@xn--bcher-kva.example'],
  ['jo\u0308rg@acme.example', 'jörg@acme.example'],
  ['ａｎｎａ@ａｃｍｅ.example', 'anna@acme.example'],
  ['анна@acme.example', 'анна@acme.example'],
])('%s is %s', (text, normal) => expect(readEmailAddress(text)?.normal).toBe(normal));

it.each([
  'anna',
  '@acme.example',
  'anna@',
  'anna@acme',
  'anna@acme..example',
  'anna@-acme.example',
  'anna@acme.example.',
  'anna@127.0.0.1',
  'anna@[127.0.0.1]',
  'an na@acme.example',
  'a..b@acme.example',
  '.anna@acme.example',
  '"anna"@acme.example',
  'anna(work)@acme.example',
  'anna@acme.example\nBcc: eve@evil.example',
  'anna@acme.example,eve@evil.example',
  'anna\u200b@acme.example',
  // hyphens of a word processor
  'anna@acme\u2010solar.example',
  'anna@acme\u2011solar.example',
  // a Cyrillic first letter
  '\u0430nna@acme.example',
  `${'a'.repeat(65)}@acme.example`,
  `anna@${'a'.repeat(250)}.example`,
])('%j is no address', (text) => expect(readEmailAddress(text)).toBeUndefined());

it('shows a look-alike domain for what it is', () =>
  expect(readEmailAddress('anna@\u0430cme.example')?.address).toBe('anna@xn--cme-5cd.example'));

it('answers for text that is no address too, so that a look-up tells nothing', () =>
  expect(normalAddress(' Not An Address ')).toBe('not an address'));
