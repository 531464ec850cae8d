// Why targets are missed, as profiles showed it, by the targets' ids: said on the page where a run misses them, and only there.

/** Stands on the page where a miss has none: write it below, then run `npm run bench -- page`. */
export const noReason = '**no reason is given yet.**';

const triedInVain =
  'Tried without gain: sending inside `put()`, corking until the turn’s end, Nagle with two calls in flight, more spare blocks, ' +
  'copies of 64 bits, a byte window in place of a window of calls.';

const freshEvents =
  'both ends share the two cores of one machine, so that what the client computes the server lacks. Of 0.8 µs for a fresh event ' +
  'with a text body, V8 takes more than half for making it (an object of headers, a text joined of parts), 0.17 are the encoding ' +
  `and 0.12 the kernel’s writes; Java’s compiler makes and encodes such an event in 0.25 to 0.5. ${triedInVain}`;

const largeCalls =
  'with calls of 1,000 events one in flight keeps the server busy, and our window of four gains nothing. What is left is CPU: ' +
  'Java’s client, at its best (warmed up, TFastFramedTransport, serial collector), takes 0.17 to 0.25 µs for an event that was ' +
  'made beforehand, encoding and socket together; the floor of one thread of V8 is 0.27, 0.15 for encoding and 0.12 for the ' +
  `kernel’s writes. ${triedInVain}`;

const encoding =
  'of 0.17 µs, 0.1 are the characters of 8 header texts, which V8 reads one by one. Tried: the bytes of each text kept from ' +
  'event to event (a quarter faster where it repeats, slower where it does not), four characters at a time (5 %), Buffer’s own ' +
  'writers and TextEncoder (three times slower for texts this short).';

const winstonFloor =
  'a format’s line is a string in pieces, which a transport that does nothing never puts together. A transport that only writes ' +
  'it into memory is in the table: that is the floor. Above it are the clock, the headers, the search for errors that JSON has ' +
  'lost, and the channel. Tried: encoding after the return takes 0.2 µs from the call and costs 0.4 elsewhere, and loses what ' +
  'was logged before an exit.';

const pinoWorker =
  'the application, its worker and the sink share two cores, and in one thread alone the same lines take less. Tried: lines that ' +
  'need no look at their fields go into the channel as a run of bytes (0.7 µs less, for a second way into the channel of 130 ' +
  'lines).';

const collections =
  'p99.9 of 3,000 calls is the third slowest. With every transport the slowest are those in which V8 collects its young ' +
  'generation, 0.4 to 0.6 ms, three to five times in these three seconds: whether the third slowest is one of them is chance. ' +
  'After three seconds of warm-up instead of half a second, p99.9 was 107 µs with File and 104 with winston-flume.';

const pythonInC =
  'Thrift’s library for Python encodes in C where it was built so, at the CPU per event of Java. What it cannot do is have ' +
  'several calls in flight, and with a server on the same machine this costs it little.';

const flumeRate =
  'the agent and its client share two cores, and the agent needs more CPU for an event than we do: the rows of the bare socket ' +
  'are the agent’s own limit with a client that computes nothing. Tried: larger calls and more of them, which are these rows.';

const fileAgent =
  'the agent writes each transaction to its disk and reads the events from there again, on the cores and the disk that its ' +
  'client uses too: its rate varies more from round to round than what is asked. Tried: larger calls and more of them, which are ' +
  'the rows of the bare socket.';

const shortRuns =
  'short runs cost more per event: they take a twentieth of a second, in which V8 still compiles for their shape. A warm-up of a ' +
  'million events in the process alone left 45 %; one of 100,000 more by the run’s own agent brought 14 % where others used 9 % ' +
  'of the machine.';

const coldTurns =
  'the longest turns are the first of their kind, on code that V8 has not compiled yet, and what it compiles beside them counts: ' +
  'the same work takes 1 to 2 ms a little later. Tried: the files of an earlier process are read 64 KiB a turn in place of 256, ' +
  'which brought 8 ms to 5; 32 bring no more.';

const thriftPackage =
  'what is compared is a whole client: at ours the kernel’s writes (0.12 µs) and the encoding (0.17) leave little that could still ' +
  `go. ${triedInVain}`;

const heapOfLine =
  'each line becomes an event for a moment: a view of the chunk, which takes V8 some 200 bytes, a list of headers with the ' +
  'time’s text, and the object around them. All of it is young and gone at the next collection. Tried: `new Uint8Array` and a ' +
  'copy in place of the view, which cost the same; lines as a run of bytes with offsets, past the events, take 94 bytes and a ' +
  'second way into the channel of 130 lines, while the CPU of a line is within its target without.';

export const reasons: Readonly<Record<string, string>> = {
  'encoding-compact': encoding,
  'encoding-compact-thrift': encoding,
  'encoding-binary': encoding,
  'encoding-binary-thrift':
    'the `thrift` package is more than twice as fast in binary as in compact, since it writes no varints, and ours is as fast in ' +
    `both: ${encoding}`,
  'delivery-cpu': thriftPackage,
  'delivery-cpu-thrift': thriftPackage,
  'fresh-2000-libthrift-100': freshEvents,
  'fresh-2000-libthrift-1000': freshEvents,
  'fresh-100-libthrift': freshEvents,
  'java-100-libthrift': largeCalls,
  'java-100-sdk': largeCalls,
  'java-1000-libthrift': largeCalls,
  'java-1000-sdk': largeCalls,
  'java-cpu-libthrift': largeCalls,
  'java-100-python-c': pythonInC,
  'flume-rate': flumeRate,
  'flume-sdk-1000': largeCalls,
  'flume-file': fileAgent,
  pino: pinoWorker,
  'heap-pino': heapOfLine,
  winston: winstonFloor,
  'winston-ratio': winstonFloor,
  latency: collections,
  turns: coldTurns,
  growth: shortRuns,
};
