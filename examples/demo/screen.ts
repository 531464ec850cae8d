// Text on the terminal: colours and a line that is updated in place, where there is a terminal; else plain lines.

const isTerminal = process.stdout.isTTY === true;
// Knows NO_COLOR.
const hasColours = isTerminal && process.stdout.hasColors();

const painted =
  (on: number, off: number) =>
  (text: string): string =>
    hasColours ? `\u001b[${on}m${text}\u001b[${off}m` : text;

export const bold = painted(1, 22);
export const dim = painted(2, 22);
export const red = painted(31, 39);
export const green = painted(32, 39);
export const yellow = painted(33, 39);
export const cyan = painted(36, 39);

export const columns = (): number => Math.min((isTerminal && process.stdout.columns) || 100, 120);

const barWidth = 20;
let progressShown = false;
let lastLine = 'none';

/** Two empty lines in a row become one. */
export function print(line = ''): void {
  endProgress();
  if (line === '' && lastLine === '') return;
  lastLine = line;
  process.stdout.write(`${line}\n`);
}

/**
 * On a terminal one line, drawn again each time; in a pipe a line for every quarter.
 *
 * @param what what is done `done` times out of `total`
 */
export function progress(done: number, total: number, what: string): void {
  const text = `  ${String(done).padStart(String(total).length)} of ${total} ${what}`;
  if (isTerminal) {
    const filled = Math.round((barWidth * done) / total);
    const bar = `  ${green('█'.repeat(filled))}${dim('░'.repeat(barWidth - filled))}`;
    // What does not fit on one line cannot be drawn over.
    const room = columns() - 1;
    process.stdout.write(`\r\u001b[2K${text.length + barWidth + 2 <= room ? bar : ''}${start(text, room)}`);
    progressShown = true;
  } else if (done > 0 && done % (total / 4) === 0) print(text);
}

/** Leaves the progress as it stands and goes on below it. */
export function endProgress(): void {
  if (!progressShown) return;
  progressShown = false;
  lastLine = 'progress';
  process.stdout.write('\n');
}

/**
 * Breaks text into lines of at most `width` columns, after a comma where there is one near the end. What goes beyond `most`
 * lines is cut off, which is shown.
 */
export function wrapped(text: string, width: number, most: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest !== '' && lines.length < most) {
    const fitting = start(rest, width);
    const comma = fitting.lastIndexOf(',') + 1;
    const line = fitting.length < rest.length && comma > fitting.length / 2 ? fitting.slice(0, comma) : fitting;
    lines.push(line);
    rest = rest.slice(line.length);
  }
  if (rest !== '') lines.push(`${start(lines.pop() as string, width - 1)}…`);
  return lines;
}

function start(text: string, width: number): string {
  let end = 0;
  let used = 0;
  for (const character of text) {
    // Chinese, Japanese and Korean letters and most pictures take two columns.
    used += /[\u1100-\u115f\u2e80-\uffdc]|\p{Emoji_Presentation}/u.test(character) ? 2 : 1;
    if (used > width) break;
    end += character.length;
  }
  return text.slice(0, end);
}
