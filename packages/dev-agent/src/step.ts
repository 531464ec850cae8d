// The steps of a script: what the agent does with one call instead of answering it as Flume would.
import { inspect } from 'node:util';
import type { Call } from './call.ts';
import type { ExceptionText, MessageCodec } from './message.ts';
import { internalError, messageType, status } from './message.ts';

export type StepName = keyof typeof namedSteps;

export type Step =
  | StepName
  /** A TApplicationException with this type and text. */
  | { exception: ExceptionText }
  /** A reply with this status; 0 (OK) stores the events. */
  | { status: number }
  /** Waits first; then 'ok' unless something else is said. */
  | { delayMs: number; then?: Step }
  /** Stores the events, or does not, whatever the step that follows would do. */
  | { commit: boolean; then: Step }
  /** These bytes, as they are. */
  | { raw: Uint8Array };

/** A step made ready: wait, store the events or not, then act. */
export interface Plan {
  readonly label: string;
  readonly delayMs: number;
  readonly commit: boolean;
  readonly act: Act;
}

/** The means to make bytes of an answer. */
export interface Wire {
  readonly codec: MessageCodec;
  /** Puts the length before a payload; without framing the payload itself. */
  frame(payload: Uint8Array): Buffer;
}

export type Act =
  | { readonly tag: 'send'; readonly bytes: (wire: Wire, call: Call) => Uint8Array; readonly thenClose: boolean }
  | { readonly tag: 'stall' | 'reset' | 'close' };

/** Throws where `step` is none; `where` names it in the message. */
export function planOf(step: unknown, where: string): Plan {
  if (typeof step === 'string') {
    if (Object.hasOwn(namedSteps, step)) return { label: step, delayMs: 0, ...namedSteps[step as StepName] };
    throw new TypeError(`${where}: unknown step '${step}'; the steps are ${stepNames.join(', ')}`);
  }
  if (typeof step === 'object' && step !== null) {
    const fields = step as Partial<Record<string, unknown>>;
    const kind = stepKeys.find(([key = '']) => key in fields);
    const stray = kind && Object.keys(fields).find((key) => !kind.includes(key));
    if (stray !== undefined) throw new TypeError(`${where}: no such key '${stray}' beside ${kind?.join(', ')}`);
    if ('delayMs' in fields) {
      const delayMs = requireNumber(fields.delayMs, `${where}.delayMs`);
      const plan = planOf(fields.then ?? 'ok', `${where}.then`);
      return { ...plan, delayMs: plan.delayMs + delayMs };
    }
    if ('commit' in fields && typeof fields.commit === 'boolean') {
      return { ...planOf(fields.then, `${where}.then`), commit: fields.commit };
    }
    if ('status' in fields) {
      const value = requireNumber(fields.status, `${where}.status`);
      return { label: `status ${value}`, delayMs: 0, commit: value === status.ok, act: reply(value) };
    }
    if ('raw' in fields && fields.raw instanceof Uint8Array) {
      const bytes = fields.raw;
      return { label: 'raw bytes', delayMs: 0, commit: false, act: send(() => bytes) };
    }
    if ('exception' in fields && typeof fields.exception === 'object' && fields.exception !== null) {
      const { type, message } = fields.exception as Partial<ExceptionText>;
      const text = { type: requireNumber(type, `${where}.exception.type`), message: String(message ?? '') };
      return { label: `exception ${text.type}`, delayMs: 0, commit: false, act: exception(() => text) };
    }
  }
  throw new TypeError(`${where}: expected a step, got ${inspect(step)}`);
}

/** The keys of each kind of object step; the first key tells the kind. */
const stepKeys = [['delayMs', 'then'], ['commit', 'then'], ['status'], ['raw'], ['exception']];

const send = (bytes: (wire: Wire, call: Call) => Uint8Array, thenClose = false): Act => {
  return { tag: 'send', bytes, thenClose };
};

const reply = (value: number): Act => send((wire, call) => okReply(wire, call, value));

const exception = (text: (call: Call) => ExceptionText): Act => {
  return send(({ codec, frame }, call) => frame(codec.exception(call.method, call.seqid, text(call))));
};

const okReply = ({ codec, frame }: Wire, { method, seqid }: Call, value: number = status.ok): Buffer => {
  return frame(codec.reply(method, seqid, value));
};

const otherMethod = { append: 'appendBatch', appendBatch: 'append' } as const;

const namedSteps = {
  ok: { commit: true, act: reply(status.ok) },
  failed: { commit: false, act: reply(status.failed) },
  error: { commit: false, act: reply(status.error) },
  unknown: { commit: false, act: reply(status.unknown) },
  'unknown-status': { commit: false, act: reply(99) },
  exception: { commit: false, act: exception(({ method }) => ({ type: 6, message: internalError(method) })) },
  stall: { commit: false, act: { tag: 'stall' } },
  reset: { commit: false, act: { tag: 'reset' } },
  close: { commit: false, act: { tag: 'close' } },
  'stall-after-commit': { commit: true, act: { tag: 'stall' } },
  'reset-after-commit': { commit: true, act: { tag: 'reset' } },
  'close-after-commit': { commit: true, act: { tag: 'close' } },
  'half-frame': {
    commit: true,
    act: send((wire, call) => {
      const bytes = okReply(wire, call);
      return bytes.subarray(0, bytes.length >> 1);
    }, true),
  },
  duplicate: {
    commit: true,
    act: send((wire, call) => Buffer.concat([okReply(wire, call), okReply(wire, call)])),
  },
  'trailing-bytes': {
    commit: true,
    act: send(({ codec, frame }, { method, seqid }) => {
      return frame(Buffer.concat([codec.reply(method, seqid, status.ok), Buffer.alloc(3)]));
    }),
  },
  'missing-result': {
    commit: false,
    act: send(({ codec, frame }, { method, seqid }) => frame(codec.reply(method, seqid, undefined))),
  },
  // Far from every call in flight, so that it can only be wrong.
  'wrong-seqid': {
    commit: false,
    act: send((wire, call) => okReply(wire, { ...call, seqid: call.seqid ^ 0x40000000 })),
  },
  'wrong-method': {
    commit: false,
    act: send((wire, call) => okReply(wire, { ...call, method: otherMethod[call.method] })),
  },
  'wrong-type': {
    commit: false,
    act: send(({ codec, frame }, { method, seqid }) => frame(codec.reply(method, seqid, status.ok, messageType.CALL))),
  },
  // Taken as a length this is negative.
  garbage: { commit: false, act: send(() => Buffer.alloc(64, 'deadbeef', 'hex')) },
  'oversized-length': { commit: false, act: send(() => Buffer.from('7fffffff8241010000', 'hex')) },
  'zero-length': { commit: false, act: send(() => Buffer.alloc(4)) },
  http: {
    commit: false,
    act: send(() => Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'), true),
  },
} as const satisfies Record<string, { commit: boolean; act: Act }>;

export const stepNames: readonly StepName[] = Object.keys(namedSteps) as StepName[];

function requireNumber(value: unknown, where: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31) return value;
  throw new TypeError(`${where}: expected an integer from 0 to 2147483647, got ${inspect(value)}`);
}
