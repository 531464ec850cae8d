// Values that break whoever reads them carelessly, each with a name, and fast-check's arbitrary values with traps set in
// them. Made anew each time, since some can be used only once.

import fc from 'fast-check';

const fail = (): never => {
  throw new Error('trap');
};

const traps: ProxyHandler<object> = {
  get: fail,
  has: fail,
  ownKeys: fail,
  getOwnPropertyDescriptor: fail,
  getPrototypeOf: fail,
};

function revoked(target: object = {}): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function circle(): object {
  const one: { self?: object; list: unknown[] } = { list: [] };
  one.self = one;
  one.list.push(one.list, one);
  return one;
}

function deep(levels: number): object {
  let value: object = {};
  for (let level = 0; level < levels; level++) value = { value };
  return value;
}

/** Another answer each time it is asked. */
function fickle(): object {
  let asked = 0;
  return Object.defineProperty({}, 'message', { enumerable: true, get: () => (asked++ === 0 ? 'once' : asked) });
}

class LyingBytes extends Uint8Array {
  override get length(): number {
    return 1_000;
  }
}

class NoLengthBytes extends Uint8Array {
  override get length(): number {
    return Number.NaN;
  }
}

export const hostileValues: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  'a symbol': () => Symbol('s'),
  'a bigint': () => 10n ** 30n,
  'an object with a bigint': () => ({ big: 1n }),
  NaN: () => Number.NaN,
  'an invalid date': () => new Date(Number.NaN),
  'an object with an invalid date': () => ({ at: new Date(Number.NaN) }),
  'a function': () => fail,
  'a getter that throws': () => Object.defineProperty({ a: 1 }, 'bad', { enumerable: true, get: fail }),
  'a message that throws': () => Object.defineProperty({}, 'message', { enumerable: true, get: fail }),
  'a getter that changes its mind': fickle,
  'a toJSON that throws': () => ({ toJSON: fail }),
  'a deep toJSON that throws': () => ({ a: [{ toJSON: fail }] }),
  'a toJSON that gives undefined': () => ({ toJSON: () => undefined }),
  'a toString that throws': () => ({ toString: fail, [Symbol.toPrimitive]: fail }),
  'a proxy that throws': () => new Proxy({}, traps),
  'an object with a proxy that throws': () => ({ proxy: new Proxy({}, traps) }),
  'a revoked proxy': () => revoked(),
  'an object with a revoked proxy': () => ({ proxy: revoked() }),
  'a revoked proxy of an array': () => revoked([]),
  'a proxy of an array that throws': () => new Proxy(['a', 'b'], traps),
  'a proxy of bytes': () => new Proxy(Buffer.from('bytes'), {}),
  'a fake Uint8Array': () => Object.create(Uint8Array.prototype),
  'detached bytes': () => {
    const bytes = new Uint8Array(8);
    structuredClone(bytes, { transfer: [bytes.buffer] });
    return bytes;
  },
  circles: circle,
  'an array with holes': () => Object.assign(Array(8), { 2: 'x' }),
  'an array with a getter that throws': () => Object.defineProperty(['a', 'b'], 1, { get: fail, enumerable: true }),
  'a lone surrogate': () => '\ud800 \udc00 x\ud83d',
  'an object with lone surrogates': () => ({ '\ud800': '\udfff' }),
  'a null prototype': () => Object.assign(Object.create(null), { a: 1 }),
  'own __proto__': () => JSON.parse('{"__proto__":{"a":1},"constructor":"c","hasOwnProperty":"h","toString":"t"}'),
  'an error whose stack throws': () => Object.defineProperty(new Error('e'), 'stack', { get: fail }),
  'an error whose message throws': () => Object.defineProperty(new Error('e'), 'message', { get: fail }),
  'an error that is its own cause': () => {
    const error = new Error('e');
    error.cause = error;
    return error;
  },
  'a thousand levels': () => deep(1_000),
  'ten thousand levels': () => deep(10_000),
  'a map and a set': () => ({ map: new Map([[{}, 1n]]), set: new Set([Symbol('s')]) }),
  'a weak map, a promise and a generator': () => ({ w: new WeakMap(), p: Promise.resolve(), g: (function* () {})() }),
};

/** Bodies that no logger hands over: winston's own stringifier takes seconds for them. */
export const hostileBytes: Readonly<Record<string, () => unknown>> = {
  'bytes that lie about their length': () => new LyingBytes(8),
  'bytes without a length': () => new NoLengthBytes(8),
};

/** Anything at all, in a function, since fast-check itself looks into values; in places a value from above. */
export const anything: fc.Arbitrary<() => unknown> = fc
  .tuple(
    fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      withUnicodeString: true,
      maxDepth: 3,
    }),
    fc.constantFrom(...Object.keys(hostileValues)),
    fc.nat({ max: 5 }),
  )
  .map(([value, name, where]) => () => {
    const hostile = hostileValues[name]?.();
    if (where === 0) return hostile;
    if (where === 1 && typeof value === 'object' && value !== null && Object.isExtensible(value)) {
      Reflect.defineProperty(value, 'message', { value: hostile, enumerable: true });
    } else if (where === 2) {
      return { value, hostile };
    } else if (where === 3 && typeof value === 'object' && value !== null) {
      return new Proxy(value, {});
    }
    return value;
  });
