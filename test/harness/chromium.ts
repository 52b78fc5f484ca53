import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * A headless Chromium: the one that npm brought, or the program that `CHROMIUM_PATH` names. It reaches this
 * machine only. The caller closes it.
 */
export async function launchChromium(): Promise<Browser> {
  const own = process.env.CHROMIUM_PATH;
  const { executablePath, env } = own ? { executablePath: own, env: {} } : unpacked();
  return chromium.launch({
    executablePath,
    env: { ...definedEnv(), ...env },
    args: [
      // The sandbox needs rights that containers do not give; nothing but our own pages is opened.
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--font-render-hinting=none',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1',
    ],
  });
}

// With the package's libraries, fonts and a home of its own, only libc comes from the system.
function unpacked(): { executablePath: string; env: Record<string, string> } {
  const folder = unpack();
  return {
    executablePath: join(folder, 'chromium'),
    env: {
      LD_LIBRARY_PATH: join(folder, 'al2023/lib'),
      FONTCONFIG_FILE: join(folder, 'fonts.conf'),
      HOME: join(folder, 'home'),
    },
  };
}

/**
 * The folder of this version, unpacked once. The package would unpack to fixed names in the temporary folder,
 * where another version's or another user's copy gets in the way.
 */
function unpack(): string {
  const packageRoot = dirname(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')));
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  const cache = cacheFolder();
  const folder = join(cache, `chromium-${version}`);
  if (existsSync(folder)) return folder;
  const staging = mkdtempSync(join(cache, 'unpacking-'));
  mkdirSync(join(staging, 'home'));
  writeFileSync(join(staging, 'fonts.conf'), fontsConf);
  const script = `
    import { inflate } from '@sparticuz/chromium';
    await Promise.all(process.argv.slice(1).map((archive) => inflate(archive)));`;
  const archives = ['chromium.br', 'al2023.tar.br', 'fonts.tar.br', 'swiftshader.tar.br'];
  const done = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', script, ...archives.map((name) => join(packageRoot, 'bin', name))],
    { cwd: root, env: { ...process.env, TMPDIR: staging }, encoding: 'utf8' },
  );
  if (done.status !== 0) throw new Error(`Chromium could not be unpacked into ${staging}: ${done.stderr}`);
  try {
    renameSync(staging, folder);
  } catch (error) {
    // another test file was first
    rmSync(staging, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

// The package's own names /tmp/fonts. Only its fonts are used, so that pictures are the same everywhere.
const fontsConf = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>
`;

// Beside the packages, gone with them; a tree that somebody else installed has it in the temporary folder.
function cacheFolder(): string {
  const inTree = join(root, 'node_modules/.cache/remit');
  try {
    mkdirSync(inTree, { recursive: true });
    accessSync(inTree, constants.W_OK);
    return inTree;
  } catch {
    const own = process.getuid?.() ?? 0;
    const temporary = join(tmpdir(), `remit-chromium-${own}`);
    mkdirSync(temporary, { recursive: true, mode: 0o700 });
    if (statSync(temporary).uid !== own)
      throw new Error(`${temporary} belongs to somebody else; set TMPDIR.`);
    return temporary;
  }
}

function definedEnv(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => !!entry[1]),
  );
}
