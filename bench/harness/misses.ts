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
];
