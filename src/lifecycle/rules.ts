/** How many days before the end of a last day people are told of it, where no organization says otherwise. */
export const usualWarningDays = [30, 7, 1] as const;
