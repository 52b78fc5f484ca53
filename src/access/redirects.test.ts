import { describe, expect, it } from 'vitest';
import { redirectProblem } from './redirects.ts';

describe('a redirect address', () => {
  it.each([
    'https://shop.example.org/callback',
    'https://shop.example.org/callback?from=remit',
    'http://localhost:5001/callback',
    'http://127.0.0.1:5001/callback',
    'http://[::1]:5001/callback',
  ])('may be %s', (address) => expect(redirectProblem(address)).toBeUndefined());

  it.each([
    ['/callback', 'not-an-address'],
    ['http://shop.example.org/', 'not-https'],
    ['http://localhost.example.org/', 'not-https'],
    ['javascript:alert(1)', 'not-https'],
    ['app://callback', 'not-https'],
    ['https://shop.example.org/#part', 'fragment'],
    ['https://user:pass@shop.example.org/', 'credentials'],
    ['https://*.example.org/', 'wildcard'],
  ])('may not be %s', (address, problem) => expect(redirectProblem(address)).toBe(problem));
});
