// A body as text, as JSON with its lines and colours, as hex; what is gzip is unpacked first, up to a bound.
import { element } from './dom.ts';
import { count, size } from './format.ts';

export interface BodyForm {
  readonly name: string;
  readonly note?: string;
  readonly content: () => (Node | string)[];
}

const mostShown = 256 * 1024;
const mostUnpacked = 4 * 1024 * 1024;
const mostHex = 16 * 1024;

/** The best one first. */
export async function bodyForms(bytes: Uint8Array<ArrayBuffer>): Promise<readonly BodyForm[]> {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const unpacked = isGzip ? await unpack(bytes) : undefined;
  const content = unpacked?.bytes ?? bytes;
  const packing =
    unpacked &&
    `gzip: ${size(bytes.length)} unpacked to ${unpacked.isWhole ? '' : 'more than '}${size(content.length)}`;
  const text = textOf(content, unpacked?.isWhole !== false);
  const forms: BodyForm[] = [];
  const note = (shown: number, all: number): { note?: string } => {
    const cut = shown < all ? `the first ${size(shown)} of ${size(all)}` : undefined;
    const both = [packing, cut].filter((part) => part !== undefined).join('; ');
    return both === '' ? {} : { note: both };
  };
  const json = text === undefined || text.length > mostShown ? undefined : parsed(text);
  if (json !== undefined) forms.push({ name: 'JSON', ...note(0, 0), content: () => jsonLines(json, '') });
  if (text !== undefined) {
    forms.push({
      name: 'Text',
      ...note(Math.min(text.length, mostShown), text.length),
      content: () => [text.slice(0, mostShown)],
    });
  }
  forms.push({
    name: 'Hex',
    ...note(Math.min(content.length, mostHex), content.length),
    content: () => [hex(content.subarray(0, mostHex))],
  });
  return forms;
}

async function unpack(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; isWhole: boolean } | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      length += value.length;
      if (length <= mostUnpacked) continue;
      await reader.cancel();
      break;
    }
  } catch {
    // Broken, or no gzip: it is shown as it is.
    return undefined;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return { bytes: whole.subarray(0, mostUnpacked), isWhole: length <= mostUnpacked };
}

/** undefined where it is none. A text that was cut may end within a character. */
function textOf(bytes: Uint8Array, isWhole: boolean): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: isWhole, ignoreBOM: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Indented; texts of several lines, such as stacks, with their lines. */
function jsonLines(value: unknown, indent: string): (Node | string)[] {
  const inner = `${indent}  `;
  if (typeof value === 'string') return [jsonString(value, inner)];
  if (typeof value !== 'object' || value === null)
    return [element('span', { class: 'json-value' }, JSON.stringify(value))];
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return [isList ? '[]' : '{}'];
  const lines = entries.flatMap(([key, member], index): (Node | string)[] => {
    const name = isList ? [] : [element('span', { class: 'json-key' }, JSON.stringify(key)), ': '];
    return ['\n', inner, ...name, ...jsonLines(member, inner), index < entries.length - 1 ? ',' : ''];
  });
  return [isList ? '[' : '{', ...lines, `\n${indent}${isList ? ']' : '}'}`];
}

function jsonString(text: string, indent: string): Node {
  if (!text.includes('\n')) return element('span', { class: 'json-string' }, JSON.stringify(text));
  const lines = text.split('\n').map((line) => `\n${indent}${line}`);
  return element('span', { class: 'json-string is-long' }, ...lines);
}

/** 00000010  de ad be ef …  |....| */
function hex(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let from = 0; from < bytes.length; from += 16) {
    const line = [...bytes.subarray(from, from + 16)];
    const digits = line.map((byte) => byte.toString(16).padStart(2, '0'));
    const shown = line.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    const columns = `${digits.slice(0, 8).join(' ')}  ${digits.slice(8).join(' ')}`;
    lines.push(`${from.toString(16).padStart(6, '0')}  ${columns.padEnd(49)} ${shown}`);
  }
  return bytes.length === 0 ? `${count(0)} bytes` : lines.join('\n');
}
