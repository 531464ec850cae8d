// Cuts a body that is too large, without leaving half a character, or half a JSON object.

import { shortenedJson } from './json-shortening.ts';

/** A larger body is cut as it comes: reading all of it would hold the application up. */
const maxJsonBytes = 16 * 1024 * 1024;

/**
 * Of a JSON object the same object with shorter texts, where these make it long. Else the first `maxBytes` of the body at
 * most; a character of text is kept whole or not at all.
 */
export function truncateBody(body: string | Uint8Array, maxBytes: number): Uint8Array {
  if (body.length <= maxJsonBytes && (typeof body === 'string' ? body.startsWith('{') : body[0] === 0x7b)) {
    const json = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.length);
    if (json.length <= maxBytes) return json;
    const shortened = shortenedJson(json, maxBytes);
    if (shortened !== undefined) return shortened;
  }
  // A UTF-16 unit takes one byte at least, so more units than bytes are never needed.
  const bytes = typeof body === 'string' ? Buffer.from(body.slice(0, maxBytes + 1), 'utf8') : body;
  if (bytes.length <= maxBytes) return bytes;
  let end = maxBytes;
  // Bytes 10xxxxxx continue a character, of which there are three at most. A body that is no text loses three bytes more.
  while (end > 0 && end > maxBytes - 3 && ((bytes[end] as number) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}
