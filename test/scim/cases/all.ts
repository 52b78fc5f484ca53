import { bodyCases } from './bodies.ts';
import type { Case } from './case.ts';
import { filterCases } from './filter.ts';
import { patchCases } from './patch.ts';
import { readingCases } from './reading.ts';

/** The table: what the RFCs say, and what we answer. */
export const all: Case[] = [...bodyCases, ...filterCases, ...patchCases, ...readingCases];
