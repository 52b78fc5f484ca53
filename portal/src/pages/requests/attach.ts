import { call } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import { catalogue } from '../../i18n/catalogue.ts';

/** What the server takes, by its media types; it looks at how a file begins, whatever it is called. */
export const takenTypes = 'application/pdf,image/png,image/jpeg';
const mostBytes = 5 * 1024 * 1024;

/** Why it is not worth sending, before a request is made that it was meant for. */
export const notTaken = ({ type, size }: File): string | undefined =>
  size <= mostBytes && takenTypes.split(',').includes(type) ? undefined : catalogue.t('files.notTaken');

/**
 * Adds a file to a request.
 * @throws Problem also where the file is gone from the reader's disk
 */
export async function attach(requestId: string, file: File): Promise<void> {
  const not = notTaken(file);
  if (not) throw new Problem(0, 'attachment.not-taken', not);
  const content = await base64Of(file).catch(() => {
    throw new Problem(0, 'attachment.not-taken', catalogue.t('files.notRead'));
  });
  await call('request.attach', { requestId, name: file.name, content });
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(',')[1] ?? '');
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
