import type { i18n, ThirdPartyModule } from 'i18next';
import type { Say } from './say.ts';

/**
 * What we use of the library, with our own type of `t` (`say.ts` tells why). `paths` of tsconfig.json puts it in the place
 * of the library's types; what runs is the library.
 */
export declare const initReactI18next: ThirdPartyModule;
export declare function useTranslation(): { t: Say; i18n: i18n };
