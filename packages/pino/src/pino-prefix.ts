// The start of every line that pino writes, `{"level":30,"time":1731234567890`, read without scanning. A field of the same
// name later in the line is the user's; the level and time that count are these.

const levelStart = Buffer.from('{"level":');
const timeStart = Buffer.from(',"time":');

export class PinoPrefix {
  level = 0;
  /** As it stands there: milliseconds, with `stdTimeFunctions.unixTime` seconds. */
  time = 0;
  /** Where the prefix ends: at a comma or the closing brace. */
  end = 0;

  /** @returns false where the line starts otherwise, as with formatters.level, timestamp: false or isoTime */
  read(bytes: Buffer, start: number, end: number): boolean {
    if (!startsWith(levelStart, bytes, start, end)) return false;
    let at = start + levelStart.length;
    let level = 0;
    let byte = 0;
    const levelAt = at;
    while (at < end && isDigit((byte = bytes[at] as number))) {
      level = level * 10 + byte - 0x30;
      at += 1;
    }
    if (at === levelAt || !startsWith(timeStart, bytes, at, end)) return false;
    at += timeStart.length;
    let time = 0;
    const timeAt = at;
    while (at < end && isDigit((byte = bytes[at] as number))) {
      time = time * 10 + byte - 0x30;
      at += 1;
    }
    if (at === timeAt || at === end || (byte !== 0x2c && byte !== 0x7d)) return false;
    this.level = level;
    this.time = time;
    this.end = at;
    return true;
  }
}

function startsWith(prefix: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (end - start < prefix.length) return false;
  for (let index = 0; index < prefix.length; index++) {
    if (bytes[start + index] !== prefix[index]) return false;
  }
  return true;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
