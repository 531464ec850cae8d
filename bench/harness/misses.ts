// Why targets are missed, as profiles showed it, by the targets' ids: said on the page where a run misses them, and only there.

/** Stands on the page where a miss has none: write it below, then run `npm run bench -- page`. */
export const noReason = 'no reason is given yet.';

const sharedCores =
  'both ends of a connection share the two cores of one machine, so that what the client computes the server lacks. Of ours, ' +
  'making a fresh event takes 0.4 to 0.5 µs, more than encoding it (0.17), and the kernel’s writes 0.12; Java’s compiler ' +
  'makes the same event in about half of that.';

const encoding =
  'of 0.17 µs, 0.1 are the characters of 8 header texts, which V8 reads one by one. Tried: the bytes of each text kept from ' +
  'event to event (a quarter faster where it repeats, slower where it does not), four characters at a time (5 %), Buffer’s own ' +
  'writers and TextEncoder (three times slower for texts this short).';

const binaryPeer =
  'the `thrift` package is more than twice as fast in binary as in compact, since it writes no varints, and ours is as fast in ' +
  'both: ';

const winstonFloor =
  'a format’s line is a string in pieces, which a transport that does nothing never puts together. A transport that only writes ' +
  'it into memory is in the table: that is the floor. Above it are the clock, the headers, the search for errors that JSON has ' +
  'lost, and the channel. Encoding after the return takes 0.2 µs from the call and costs 0.4 elsewhere, and loses what was ' +
  'logged before an exit.';

const fileAgent =
  'the agent writes each transaction to its disk and takes the events from there again, on the same two cores and the same disk ' +
  'as its client: its rate varies more from round to round than what is asked. Tried: larger calls and more of them, which are ' +
  'the rows of the bare socket.';

export const reasons: Readonly<Record<string, string>> = {
  'encoding-compact': encoding,
  'encoding-compact-thrift': encoding,
  'encoding-binary': encoding,
  'encoding-binary-thrift': binaryPeer + encoding,
  'fresh-2000-libthrift-100': sharedCores,
  'fresh-2000-libthrift-1000': `with calls of 1,000 events a single one in flight keeps the server busy. Then ${sharedCores}`,
  'fresh-100-libthrift': sharedCores,
  'java-100-libthrift': sharedCores,
  'java-1000-libthrift': sharedCores,
  'java-1000-sdk': sharedCores,
  'flume-sdk-1000': sharedCores,
  'flume-file': fileAgent,
  'java-100-python-c':
    'Thrift’s library for Python encodes in C where it was built so, at about the CPU per event of Java: what it cannot do is ' +
    'have several calls in flight.',
  winston: winstonFloor,
  'winston-ratio': winstonFloor,
  growth:
    'short runs cost more per event: they take a tenth of a second, in which V8 still compiles for their shape what a million ' +
    'events of another have compiled for that. A warm-up in five parts brought this from 48 to 34 %, one of a million events to ' +
    '12 % in the best run.',
};
