import { describe, expect, it } from 'vitest';
import { barredUrl, type EgressRules, mayConnect } from './egress-rules.ts';

const usual: EgressRules = { networks: [], httpHosts: [], ports: [] };

describe('without an operator’s word', () => {
  it.each([
    ['https://hooks.example.org/x?y=z', undefined],
    ['https://hooks.example.org:443/', undefined],
    ['https://93.184.216.34/', undefined],
    ['https://[2606:2800:220:1:248:1893:25c8:1946]/', undefined],
    ['http://hooks.example.org/', 'not-https'],
    ['ftp://hooks.example.org/', 'not-https'],
    ['file:///etc/passwd', 'not-https'],
    ['javascript:alert(1)', 'not-https'],
    ['hooks.example.org', 'not-an-address'],
    ['https://', 'not-an-address'],
    ['https://user@hooks.example.org/', 'credentials-in-address'],
    ['https://:secret@hooks.example.org/', 'credentials-in-address'],
    ['https://hooks.example.org:8443/', 'port-not-allowed'],
    ['https://hooks.example.org:22/', 'port-not-allowed'],
    // Spellings of 127.0.0.1 and its like.
    ['https://127.0.0.1/', 'address-not-allowed'],
    ['https://2130706433/', 'address-not-allowed'],
    ['https://0x7f.1/', 'address-not-allowed'],
    ['https://0177.0.0.1/', 'address-not-allowed'],
    ['https://127.1/', 'address-not-allowed'],
    ['https://127.0.0.1./', 'address-not-allowed'],
    ['https://１２７.０.０.１/', 'address-not-allowed'],
    ['https://[::1]/', 'address-not-allowed'],
    ['https://[::ffff:127.0.0.1]/', 'address-not-allowed'],
    ['https://[::ffff:7f00:1]/', 'address-not-allowed'],
    ['https://[::127.0.0.1]/', 'address-not-allowed'],
    ['https://169.254.169.254/latest/meta-data', 'address-not-allowed'],
  ])('%s: %s', (url, barred) => {
    expect(barredUrl(usual, url)).toBe(barred);
  });

  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.7',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::7f00:1',
    '::ffff:10.0.0.7',
    '::ffff:93.184.216.34',
    '::ffff:0:10.0.0.7',
    '64:ff9b::10.0.0.7',
    '64:ff9b::93.184.216.34',
    '64:ff9b:1::10.0.0.7',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:a00:7::1',
    '3fff::1',
    '4000::1',
    '5f00::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'localhost',
    '',
  ])('nothing connects to %s', (address) => {
    expect(mayConnect(usual, address)).toBe(false);
  });

  it.each(['8.8.8.8', '93.184.216.34', '172.32.0.1', '2606:4700::1111', '2a00:1450:4001::200e'])(
    '%s is public',
    (address) => {
      expect(mayConnect(usual, address)).toBe(true);
    },
  );
});

describe('what the operator lists', () => {
  const rules: EgressRules = {
    networks: ['10.1.0.0/16', '127.0.0.1', 'fd12::/16', '64:ff9b::/96'],
    httpHosts: ['hooks.internal', '127.0.0.1'],
    ports: [8080],
  };
  it.each([
    ['10.1.2.3', true],
    ['10.2.0.1', false],
    ['::ffff:10.1.2.3', true],
    ['::ffff:10.2.0.1', false],
    ['127.0.0.1', true],
    ['127.0.0.2', false],
    ['fd12::7', true],
    ['fd13::7', false],
    ['64:ff9b::1', true],
  ])('%s: %s', (address, allowed) => {
    expect(mayConnect(rules, address)).toBe(allowed);
  });
  it.each([
    ['http://hooks.internal/', undefined],
    ['http://HOOKS.internal.:8080/', undefined],
    ['http://hooks.internal:81/', 'port-not-allowed'],
    ['http://other.internal/', 'not-https'],
    ['http://127.0.0.1:8080/', undefined],
    ['https://other.internal:8080/', undefined],
    // Listing the number does not list plain http to the name, nor the other way round.
    ['http://10.1.2.3/', 'not-https'],
  ])('%s: %s', (url, barred) => {
    expect(barredUrl(rules, url)).toBe(barred);
  });
});
