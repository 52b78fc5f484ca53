import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { settings } from '../src/platform/settings.ts';

/** Writes docs/configuration.md from the table of settings, so that the page lists exactly what there is. */
export const configurationFile = fileURLToPath(new URL('../docs/configuration.md', import.meta.url));

export function configurationDocument(): string {
  const rows = settings.map(({ name, default: standard, meaning, secret }) => {
    const file = secret ? ` Also as \`${name}_FILE\`.` : '';
    return `| \`${name}\` | ${standard === undefined ? '' : `\`${standard}\``} | ${meaning}${file} |`;
  });
  return `# Configuration

Generated from \`src/platform/settings.ts\` by \`npm run generate\`.

Remit reads its settings from the environment, once, at start. Nothing is required: without any it starts an embedded
PostgreSQL and a demo on this machine. A setting that is unknown or wrong (a name beginning with \`REMIT_\` that stands in
no row below, a port that is none) stops the start with a sentence that says what to do. \`npm run remit -- config check\`
says the same without starting anything.

| setting | default | meaning |
|---|---|---|
${rows.join('\n')}

## Secrets

Where a row says so, the value may stand in a file instead: \`DATABASE_URL_FILE=/run/secrets/database\` reads the address
from that file. Give one of the two, not both. Values of secrets appear in no log and in no message.

## The command line

\`REMIT_API_KEY\` is read by the \`remit\` command only: with it, operations run over HTTP against \`REMIT_URL\` as that key
(docs/cli.md).

## In production

Set \`DATABASE_URL\`, \`REMIT_URL\` (https) and \`SMTP_URL\`. Run as many processes beside one database as needed. Put a
proxy that ends TLS before \`PORT\`; the management port listens on loopback only.
`;
}

if (import.meta.main) writeFileSync(configurationFile, configurationDocument());
