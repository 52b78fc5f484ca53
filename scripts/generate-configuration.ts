import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { makeSecretKey } from '../src/platform/sealing-keys.ts';
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

## Keys that seal secrets

Secrets that sign (those of webhooks, the keys of sign-on) stand sealed in the database, by AES-256-GCM under the first of
\`REMIT_SECRET_KEYS\`: a backup of the database alone signs nothing. What only has to be recognized (passwords, API keys,
links) is hashed, and needs no key. Make a key by

\`\`\`sh
${makeSecretKey}
\`\`\`

and give the same to every process. With the embedded database one is made at the first start, in the file \`secret-keys\` of
\`REMIT_DATA_DIR\`, which only its owner can read.

- **Backups.** Keep a copy of the keys apart from backups of the database, and leave \`secret-keys\` out of those of the data
  directory: together they open everything, and without the key webhooks are given new secrets and everybody signs in anew.
- **Change a key.** Put the new one first and keep the old behind it (\`new,old\`); the next start seals everything with the
  new one, and from then on the old is needed only for backups of before. With several processes, first give all of them
  \`old,new\`.
- **A key is missing.** When a key of sign-on does not open, Remit does not start: bring the key back; when it is lost for good,
  \`delete from provider_key\` has new ones made. A webhook whose secret does not open sends nothing, and says so, until the
  key is back or it is given a new secret; all else goes on.
- **From a version without.** The first start seals what stood plain. Stop the processes of the version before first: they
  cannot read what is sealed. Backups of before, and the database's files until it has tidied them, hold it plain: where
  somebody may have read them, give webhooks new secrets, and \`delete from provider_key\`.

## The command line

\`REMIT_API_KEY\` is read by the \`remit\` command only: with it, operations run over HTTP against \`REMIT_URL\` as that key
(docs/cli.md).

## In production

Set \`DATABASE_URL\`, \`REMIT_SECRET_KEYS\`, \`REMIT_URL\` (https) and \`SMTP_URL\`. Run as many processes beside one database
as needed. Put a proxy that ends TLS before \`PORT\`; the management port listens on loopback only.
`;
}

if (import.meta.main) writeFileSync(configurationFile, configurationDocument());
