import type { Case } from './case.ts';
import { filterCases } from './filter.ts';
import { patchCases } from './patch.ts';

/** The table. */
export const all: Case[] = [...filterCases, ...patchCases];
