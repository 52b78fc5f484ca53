/** What a spreadsheet would run; the wide forms are taken for the others where people write those. */
const formula = /^[=+\-@\uff1d\uff0b\uff0d\uff20]/;
const defused = /^'[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

export const beginsFormula = (text: string): boolean => formula.test(text);

/** Of a cell that was exported: the apostrophe that keeps a spreadsheet from running it is not part of the text. */
export const withoutApostrophe = (text: string): string => (defused.test(text) ? text.slice(1).trim() : text);
