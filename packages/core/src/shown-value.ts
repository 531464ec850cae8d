// Values as an error or a warning shows them: their kind, and itself only where it can be no secret. Options hold keys,
// passphrases and tokens, and whoever mistakes one place for another has them in an error, and that in a log.

/** The kind of a value, and nothing of what it holds, as `an object`. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Date) return 'a Date';
  return value instanceof Uint8Array ? 'bytes' : 'an object';
}

/** A value as it would stand in code, where it can be no secret; else its kind. Never throws. */
export function shown(value: unknown, quote: '"' | "'" = '"'): string {
  switch (typeof value) {
    case 'number':
    case 'boolean':
      return String(value);
    case 'string':
      return isPlain(value) ? `${quote}${value}${quote}` : 'a string';
    case 'object':
      if (Array.isArray(value)) return value.length === 0 ? '[]' : 'an array';
      return isEmpty(value) ? '{}' : kindOf(value);
    default:
      return kindOf(value);
  }
}

/** The text of a key or certificate, in PEM or base64: in the place of anything else it must not be shown or used. */
export function isKeyText(text: string): boolean {
  return text.includes('-----BEGIN') || /^\s*(?:LS0tLS1CRUdJTi|MI[\w+/\s-]{62})/.test(text);
}

/** It begins or ends as the path of a file does: then it can be shown, for it is no key and no passphrase. */
export function isPathLike(text: string): boolean {
  if (text.length > 200 || unprintable.test(text) || isKeyText(text) || /[A-Za-z0-9+=]{48,}/.test(text)) return false;
  return /^(?:\.{0,2}\/|~\/|[A-Za-z]:\\|\\\\|file:\/\/)/.test(text) || fileNames.test(text);
}

/** A text of somebody else's, fit for a line of a log: cut, and with a space for each control character. */
export function shownText(text: string, maxLength = 1_024): string {
  const clean = text.slice(0, maxLength).replace(everyUnprintable, ' ');
  return text.length > maxLength ? `${clean}…` : clean;
}

/** Something thrown, as text. Never throws: anything can be thrown, also what cannot be shown. */
export function thrownText(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return 'what cannot be shown';
  }
}

/** A terminal obeys control characters. Line ends too are written as in code. */
export function escaped(text: string): string {
  return text.replace(everyUnprintable, (character) => {
    const code = character.codePointAt(0) as number;
    if (code > 0xffff) return `\\u{${code.toString(16)}}`;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

// Control characters, format characters, which turn text round or hide it, half characters, and Unicode's line ends.
const unprintable = /[\p{C}\u2028\u2029]/u;
const everyUnprintable = /[\p{C}\u2028\u2029]/gu;
const fileNames = /\.(?:pem|crt|cer|cert|key|p12|pfx|der|ca|jks|json|[cm]?js|ts|conf|properties|log|keytab)$/i;

/** Too short for a secret, a number, an address or a path. */
function isPlain(text: string): boolean {
  if (unprintable.test(text)) return false;
  const isAddress = /^[\w.-]{1,63}:\d{1,5}$/.test(text);
  return text.length <= 8 || /^[\d.,:+-]{1,24}$/.test(text) || isAddress || isPathLike(text);
}

function isEmpty(value: object | null): boolean {
  try {
    return value !== null && Object.getPrototypeOf(value) === Object.prototype && Reflect.ownKeys(value).length === 0;
  } catch {
    return false;
  }
}
