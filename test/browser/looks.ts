import { expect } from 'vitest';
import type { Tab } from './stage.ts';

/** How people look at a page: by day and by night, at a desk and on a phone. */
const looks = [
  { colorScheme: 'light', width: 1280, height: 900, axe: true },
  { colorScheme: 'dark', width: 1280, height: 900, axe: false },
  { colorScheme: 'dark', width: 360, height: 740, axe: true },
  { colorScheme: 'light', width: 360, height: 740, axe: false },
] as const;

/** What was loading is there, and nothing moves: a color in the middle of a fade is no color to be judged. */
export async function settled(tab: Tab): Promise<void> {
  await tab.page.locator('[aria-busy=true]').filter({ visible: true }).first().waitFor({ state: 'hidden' });
  await tab.page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await frame();
    await frame();
    const ending = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
}

/**
 * Nothing wider than the screen, in every look; nothing for axe to find, in two looks that have both lights and both
 * widths (all four found nothing more, and take twice as long); and no complaint of the browser.
 */
export async function looksRight(tab: Tab, where: string): Promise<void> {
  for (const { colorScheme, width, height, axe } of looks) {
    const here = `${where}, ${colorScheme}, ${width} wide`;
    await tab.page.setViewportSize({ width, height });
    await tab.page.emulateMedia({ colorScheme });
    await settled(tab);
    await tab.fits(here);
    if (axe) await tab.isAccessible(here);
  }
  await tab.page.setViewportSize({ width: looks[0].width, height: looks[0].height });
  await tab.page.emulateMedia({ colorScheme: looks[0].colorScheme });
  expect(tab.complaints, where).toEqual([]);
}
