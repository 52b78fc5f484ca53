export type Setting = {
  name: string;
  /** As somebody would write it; undefined when there is none. */
  default: string | undefined;
  meaning: string;
  /** A secret may also come from a file: the same name with `_FILE` holds the path. */
  secret: boolean;
};

/** Every setting there is. docs/configuration.md is checked against this table. */
export const settings: readonly Setting[] = [
  {
    name: 'DATABASE_URL',
    default: undefined,
    meaning: 'PostgreSQL 15 or newer. When unset, an embedded PostgreSQL is started in REMIT_DATA_DIR.',
    secret: true,
  },
  {
    name: 'REMIT_URL',
    default: 'http://localhost:4000',
    meaning:
      'The address people and applications use; every link is made from it. Follows PORT when only that is set.',
    secret: false,
  },
  { name: 'PORT', default: '4000', meaning: 'The port to listen on; 0 takes a free one.', secret: false },
  {
    name: 'REMIT_HOST',
    default: '127.0.0.1',
    meaning: 'The address to listen on. Put a proxy that ends TLS before anything but loopback.',
    secret: false,
  },
  {
    name: 'REMIT_TRUSTED_PROXIES',
    default: undefined,
    meaning:
      'Addresses or networks (10.0.0.7, 10.1.0.0/16; separated by commas) of proxies before Remit, beside those on this machine. Only they are believed when they name the caller.',
    secret: false,
  },
  {
    name: 'REMIT_DATA_DIR',
    default: './.remit',
    meaning:
      "Where the embedded database and local files live. Where the database's own user cannot enter, its data stands outside, and the start prints where.",
    secret: false,
  },
  {
    name: 'REMIT_DROP_DIR',
    default: undefined,
    meaning:
      'Where files of accounts are put that other systems fetch, a folder for each. Usually drops in REMIT_DATA_DIR; several processes must share it.',
    secret: false,
  },
  {
    name: 'REMIT_SECRET_KEYS',
    default: undefined,
    meaning:
      'Keys that seal secrets in the database: id:key (32 bytes in base64), separated by commas; the first seals, all open. Required with DATABASE_URL; otherwise one is made in the file secret-keys of REMIT_DATA_DIR.',
    secret: true,
  },
  {
    name: 'REMIT_MANAGEMENT_PORT',
    default: '9000',
    meaning:
      'Health and metrics, on loopback only: /health/started, /health/live, /health/ready, /metrics; 0 takes a free port.',
    secret: false,
  },
  {
    name: 'SMTP_URL',
    default: undefined,
    meaning: 'The mail server. When unset, a demo shows its mails at /dev/mail; otherwise mails wait.',
    secret: true,
  },
  {
    name: 'REMIT_EGRESS_NETWORKS',
    default: undefined,
    meaning:
      'Addresses or networks (10.1.0.0/16, fd12::/16; separated by commas) that webhooks, and connections to directories and other systems, may reach though they are not public. Without it nothing inside your network, nor this machine, is called.',
    secret: false,
  },
  {
    name: 'REMIT_EGRESS_HTTP_HOSTS',
    default: undefined,
    meaning:
      'Hosts (hooks.internal, 10.1.0.7; separated by commas) that may be called by plain http, and signed in to without encryption; all others by https and TLS only.',
    secret: false,
  },
  {
    name: 'REMIT_EGRESS_PORTS',
    default: undefined,
    meaning:
      'Ports (8443, separated by commas) that may be called beside 443, and beside those of directories (389, 636) and databases (5432, 3306).',
    secret: false,
  },
  {
    name: 'REMIT_DEMO',
    default: undefined,
    meaning:
      'on or off: demo data, demo sign-ins, mail page. On when the database is embedded and REMIT_URL and REMIT_HOST are loopback; otherwise off, and on is refused.',
    secret: false,
  },
  {
    name: 'REMIT_LOG_LEVEL',
    default: 'info',
    meaning: 'fatal, error, warn, info, debug, trace or silent.',
    secret: false,
  },
];
