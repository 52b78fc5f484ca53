import { expect } from 'vitest';
import type { Tab } from './stage.ts';

/** At a desk by day and on a phone by night: neither do colors hang on widths, nor widths on colors. */
const looks = [
  { colorScheme: 'light', width: 1280, height: 900 },
  { colorScheme: 'dark', width: 360, height: 740 },
] as const;

/**
 * What was loading is there, and nothing moves: a color in the middle of a fade is no color to be judged. Fades are brought
 * to their end, where waiting would find the same a third of a second later; what one ends may begin another.
 */
export async function settled(tab: Tab): Promise<void> {
  await tab.page.locator('[aria-busy=true]').filter({ visible: true }).first().waitFor({ state: 'hidden' });
  const moving = await tab.page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const fades = () =>
      document
        .getAnimations()
        .filter(
          ({ effect, playState }) =>
            playState !== 'finished' && effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY,
        );
    await frame();
    await frame();
    for (let round = 0; round < 20 && fades().length > 0; round += 1) {
      for (const fade of fades()) fade.finish();
      await frame();
    }
    return fades().length;
  });
  expect(moving, 'what still moves').toBe(0);
}

/** Nothing for axe to find and nothing wider than the screen, in every look; and no complaint of the browser. */
export async function looksRight(tab: Tab, where: string): Promise<void> {
  for (const { colorScheme, width, height } of looks) {
    const here = `${where}, ${colorScheme}, ${width} wide`;
    await tab.page.setViewportSize({ width, height });
    await tab.page.emulateMedia({ colorScheme });
    await settled(tab);
    await tab.fits(here);
    await tab.isAccessible(here);
  }
  await tab.page.setViewportSize({ width: looks[0].width, height: looks[0].height });
  await tab.page.emulateMedia({ colorScheme: looks[0].colorScheme });
  expect(tab.complaints, where).toEqual([]);
}
