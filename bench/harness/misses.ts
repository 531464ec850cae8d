// Why targets are missed, as profiles showed it: said on the page where a run misses them, and only there.

export interface Miss {
  readonly of: (what: string, against: string) => boolean;
  readonly why: string;
}

export const misses: readonly Miss[] = [
  {
    of: (_what, against) => against === 'Python, accelerated',
    why:
      'Python, accelerated: Thrift’s library for Python encodes in C where it was built so, at about the CPU per event of ' +
      'Java. The target was set against the encoder in Python (`Python, plain`), which `TCompactProtocol` is.',
  },
  {
    of: (what, against) => what === 'pino: CPU per record' && against === 'a worker that does nothing',
    why:
      'pino, CPU per record: in one thread on a quiet machine it was 1.0 µs (1.7 before lines without a `name` were passed by ' +
      'one native search), of which 0.5 are the socket, the replies and the batches, 0.25 the encoding into the channel, and ' +
      '0.28 the line: the search 0.1, level and time 0.05, the header list and the view of the line the rest. In a run, where ' +
      'the application, its worker and the sink share two cores, the same work took 1.4 times the CPU.',
  },
  {
    of: (what, against) => what.startsWith('winston: ') && against === 'a no-op transport',
    why:
      'winston, what `log()` adds: a format’s line is a string in pieces, which a transport that does nothing never puts ' +
      'together. A transport that only writes it into a buffer adds 0.4 to 0.5 µs here (`utf8Write`, `latin1Write` and ' +
      '`TextEncoder.encodeInto` alike), so 0.1 to 0.2 would be left for the clock, the headers, the search for errors that ' +
      'JSON has lost (each about 0.1) and the channel (0.3). Encoding after the return would hide the time, and lose what was ' +
      'logged before an exit; 1.0 was reached, from 1.5.',
  },
];
