// Header names and values that Flume's sinks can live with. Flume itself carries any text: its file_roll sink breaks a line at
// a newline in a header, a terminal obeys an escape sequence, an HDFS path finds only names of [\w.-] (measured, Flume 1.11).

/** The control characters, C0, DEL and C1, and Unicode's two line ends. */
const controls = /[\p{Cc}\u2028\u2029]/u;
const everyControl = /[\p{Cc}\u2028\u2029]/gu;

/** Most UTF-16 units of a value that comes from a record: a longer one alone could make its event too large to be sent. */
export const maxValueLength = 65_535;

/** A value as a header: each control character and line end a space, and no more than `maxValueLength` of it. */
export function headerText(text: string): string {
  const short = text.length > maxValueLength ? text.slice(0, maxValueLength) : text;
  return controls.test(short) ? short.replace(everyControl, ' ') : short;
}

/** A name that stands in a record, not in the options: anything but letters, digits, `_`, `.` and `-` becomes `_`. */
export function headerName(key: string): string {
  return /^[\w.-]+$/.test(key) ? key : key.replace(/[^\w.-]/g, '_');
}

/** The fault of a name that somebody chose, or undefined. */
export function wrongHeaderName(name: string): string | undefined {
  if (name === '') return 'an empty name';
  return controls.test(name) ? 'a name with control characters' : undefined;
}

export const hasControls = (text: string): boolean => controls.test(text);
