/** What seals secrets in databases of tests; as REMIT_SECRET_KEYS has it. Nobody's secret. */
export const testSecretKeys = `test:${Buffer.alloc(32, 7).toString('base64')}`;
