// What the programs are given to log: the same for winston and pino.

export interface LogRecord {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly message: string;
  readonly fields: RecordFields;
}

export interface RecordFields {
  readonly text?: string;
  readonly deep?: { readonly 値: string };
  readonly n?: number;
}

/** The option of both loggers: header → where its value stands in a record. */
export const headerFields = { text: 'text', ключ: 'deep.値', n: 'n' };

/** Texts whose bytes differ in kind: 1 to 4 bytes a character, joined and combined ones, from right to left. */
export const scripts = [
  'plain ASCII',
  'Straße, naïve, Ελληνικά, Кириллица',
  'עברית, العربية, فارسی',
  'हिन्दी, বাংলা, தமிழ், ไทย, ລາວ, ქართული, Հայերեն, አማርኛ',
  '日本語 ひらがな カタカナ, 한국어, 繁體字',
  '😀 👩‍👩‍👧‍👦 🏳️‍🌈 🇺🇳 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𠜎',
  'e\u0301 a\u0308\u0323 \u200b\u200e\u202e\ufeff\ufffd',
  '\u0000\u0001\t\r\n"\\/\u007f\u0080\u2028\u2029',
];

/** A text of this many bytes, rounded down to tens, with characters of 1 to 4 bytes. */
export const longText = (bytes: number): string => 'aé€😀'.repeat(Math.floor(bytes / 10));

/** All kinds of text; each message once, and one of them empty. */
export const samples: readonly LogRecord[] = [
  ...(['error', 'warn', 'info', 'debug'] as const).map((level) => ({ level, message: `at ${level}`, fields: {} })),
  ...scripts.map((text) => ({ level: 'info', message: text, fields: { text, deep: { 値: text } } }) as const),
  { level: 'info', message: '', fields: { text: '' } },
  // Lengths that take two and three bytes in the compact protocol; a longer one would be cut, as what a record may give is.
  { level: 'info', message: 'a long header', fields: { text: longText(300) } },
  { level: 'info', message: 'a very long header', fields: { text: longText(40_000) } },
  // With its fields and headers it is still below maxEventBytes, which is 1,048,576.
  { level: 'info', message: longText(1_000_000), fields: { text: '1 MB' } },
];

/** The samples, then `count` numbered records. */
export function records(count: number): readonly LogRecord[] {
  const numbered = Array.from({ length: count }, (_, n) => {
    return { level: 'info', message: `number ${n} ж`, fields: { n } } as const;
  });
  return [...samples, ...numbered];
}
