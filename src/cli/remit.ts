#!/usr/bin/env node
import { runCommand } from './program.ts';

const streams = { out: process.stdout, error: process.stderr };
// Whoever reads only the head of a list closes the pipe; that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 4));

process.exitCode = await runCommand(process.argv.slice(2), streams);
