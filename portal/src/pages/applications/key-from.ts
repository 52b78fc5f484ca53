/** "Order Desk" becomes `order-desk`: what applications read. */
export const keyFrom = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);

/** One address a line, as people paste them. */
export const linesOf = (text: string): string[] => [...new Set(text.split(/\s+/).filter(Boolean))];
