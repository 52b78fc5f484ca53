import { call } from '../../api/client.ts';

/** Bytes of one part: the server takes 4 MB. */
const partBytes = 4 * 1024 * 1024;

/**
 * Sends a file in parts and answers what it is called there.
 * @param tell how much of it is sent, from 0 to 1
 * @throws Problem of the first part that was not taken
 */
export async function sendFile(
  organizationId: string,
  file: File,
  tell: (part: number) => void,
): Promise<string> {
  const { importId } = await call('people-import.create', {
    organizationId,
    fileName: file.name.slice(0, 200),
  });
  const parts = Math.max(1, Math.ceil(file.size / partBytes));
  for (let n = 1; n <= parts; n += 1) {
    const bytes = new Uint8Array(await file.slice((n - 1) * partBytes, n * partBytes).arrayBuffer());
    await call('people-import.put-part', { importId, n, base64: base64Of(bytes) });
    tell(n / parts);
  }
  return importId;
}

/** In pieces: all bytes of a part as arguments of one call are too many for a browser. */
function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000)
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
