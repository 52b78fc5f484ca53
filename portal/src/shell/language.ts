import { call } from '../api/client.ts';
import { queryClient } from '../api/queries.ts';
import { rememberLanguage, type Session } from '../api/session.ts';
import { speak } from '../i18n/catalogue.ts';
import {
  keepForAccount,
  keepInBrowser,
  type Language,
  languageFor,
  takeForAccount,
} from '../i18n/languages.ts';

/** Somebody who is not signed in yet chooses: here and now, and for whoever signs in next in this tab. */
export async function chooseBeforeSignIn(language: Language): Promise<void> {
  keepInBrowser(language);
  keepForAccount(language);
  await speak(language);
}

/** Somebody signed in chooses: on every device of theirs, and in letters to them. */
export async function chooseLanguage(language: Language): Promise<void> {
  await call('me.update', { language });
  await follow(language);
  // sentences of the server come in the language they were asked for in
  await queryClient.invalidateQueries();
}

/** Shows the language that was saved with the account, here and at the next sign-in page of this browser. */
export async function follow(language: string): Promise<void> {
  const known = languageFor([language]);
  rememberLanguage(known);
  keepInBrowser(known);
  await speak(known);
}

/** Before a page of somebody signed in is drawn: their language, or what they chose on the way in. */
export async function speakTo(session: Session): Promise<void> {
  if (!session.signedIn) return;
  const chosen = takeForAccount();
  const saved = languageFor([session.user.language]);
  if (chosen === null || chosen === saved) return speak(saved);
  await chooseLanguage(chosen).catch(() => speak(saved));
}
