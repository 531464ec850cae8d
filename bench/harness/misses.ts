// Why targets are missed, as profiles showed it: said on the page where a run misses them, and only there.

export interface Miss {
  readonly of: (what: string, against: string) => boolean;
  readonly why: string;
}

export const misses: readonly Miss[] = [
  {
    of: (what) => what === 'encoding, compact',
    why:
      'Encoding, compact: in this run the same program took between 0.28 and 0.54 µs an event, which is the machine; its ' +
      'fastest rounds are 30 times as fast as the `thrift` package, and a run of three rounds had 35. What it takes is ' +
      'what binary takes: see there.',
  },
  {
    of: (what) => what === 'encoding, binary',
    why:
      'Encoding, binary: ours takes the same 0.2 µs an event in both protocols, but the `thrift` package is more than twice as ' +
      'fast in binary as in compact, since it writes no varints. Of ours, 0.13 µs are the characters of 8 header texts, 2 ns ' +
      'each, which is what V8 takes to read one. Tried: the bytes of each text kept from event to event (a quarter faster ' +
      'where it repeats, no faster or slower where it does not), four characters at a time (5 %), Buffer’s own writers and ' +
      'TextEncoder (50 to 100 ns a call, three times slower for texts this short).',
  },
  {
    of: (what, against) => against === 'bare socket' || what.startsWith('events/s, batches of 1,000'),
    why:
      'Batches of 1,000, and the bare socket: with both ends on the cores of one machine, what the client computes the server ' +
      'lacks. A profile of `EmbeddedAgent`, 0.55 µs an event: 0.3 µs are `put` (0.2 writing the event, 0.05 its header list ' +
      'and size, 0.05 checks and books), 0.15 the kernel’s writes, 0.03 replies and batches; the bare socket has little more ' +
      'than the kernel’s part.',
  },
  {
    of: (what, against) => what === 'client CPU per event' && against === 'thrift package',
    why:
      'CPU per event beside the `thrift` package: 0.83 µs from put to acknowledged, of which 0.37 are the encoding and 0.4 the ' +
      'sink, the calls and the socket. Batches that replies make room for leave in one write since; a timer for each ' +
      'connection instead of each call was tried (under 1 %).',
  },
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
      'logged before an exit. In one thread with a discarding channel 1.0 was reached, from 1.5; in the run the application ' +
      'shares two cores with its sink. A profile of it has 0.4 µs for putting the line together, 0.3 more for the garbage ' +
      'collector, 0.2 for the socket.',
  },
];
