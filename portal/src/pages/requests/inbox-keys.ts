import { useLocalStorage, useWindowEvent } from '@mantine/hooks';
import type { RefObject } from 'react';

export type InboxKeys = { on: boolean; setOn: (on: boolean) => void };

/** Single keys can be switched off (WCAG 2.1.4): speech input types them by accident. */
export const useKeysOn = (): InboxKeys => {
  const [on, setOn] = useLocalStorage({
    key: 'remit.inbox-keys',
    defaultValue: true,
    getInitialValueInEffect: false,
  });
  return { on, setOn };
};

/** Where somebody writes or chooses, letters are letters. A box to tick takes none but the space bar. */
const takesLetters = (element: Element): boolean =>
  element.matches('textarea, select, [contenteditable], [role=dialog] *, [role=option]') ||
  (element instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(element.type));

/**
 * The list by keyboard: j, k and the arrows move; a approves, r asks why and refuses, x chooses, Enter opens, ? helps.
 * What acts does so on the card that has the focus, and on none without it.
 */
export function useInboxKeys(
  list: RefObject<HTMLElement | null>,
  on: boolean,
  { onHelp, onRefuse }: { onHelp: () => void; onRefuse: (at: number) => void },
): void {
  const cards = (): HTMLElement[] => [...(list.current?.querySelectorAll<HTMLElement>(':scope > li') ?? [])];
  useWindowEvent('keydown', (event) => {
    const { target, key } = event;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!(target instanceof Element) || takesLetters(target) || document.querySelector('[aria-modal=true]'))
      return;
    const all = cards();
    const here = all.findIndex((card) => card.contains(document.activeElement));
    const card = all[here];
    const move = (by: number): void => {
      const to = here < 0 ? 0 : Math.min(Math.max(here + by, 0), all.length - 1);
      all[to]?.focus();
      all[to]?.scrollIntoView({ block: 'nearest' });
    };
    const press = (what: string): void => card?.querySelector<HTMLElement>(what)?.click();
    const acts: Record<string, (() => void) | false> = {
      j: on && (() => move(1)),
      k: on && (() => move(-1)),
      // the page scrolls by them where no card has the focus
      ArrowDown: here >= 0 && (() => move(1)),
      ArrowUp: here >= 0 && (() => move(-1)),
      a: on && here >= 0 && (() => press('[data-act="approve"]')),
      r: on && here >= 0 && (() => onRefuse(here)),
      x: on && here >= 0 && (() => press('input[type=checkbox]')),
      Enter: target === card && (() => press('a[href]')),
      '?': on && onHelp,
    };
    const act = acts[key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
