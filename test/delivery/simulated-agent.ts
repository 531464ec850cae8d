// A Flume agent by script: it takes the calls of each connection one after the other, as a Thrift source does, and treats
// them as its mood is at the time. It knows nothing of the process but the bytes that arrive.

import { FakeSocket, type Peer, type Verdict, type World } from './fake-socket.ts';
import type { Call } from './oracle.ts';
import type { AgentScript, Evil, Mood } from './scenario.ts';
import { exceptionReply, statusReply, strangeReplies } from './thrift-frames.ts';

/** What it does with poison. */
const evilOutcomes: Readonly<Record<Exclude<Evil, 'takes'>, Pick<Outcome, 'reply' | 'then'>>> = {
  exception: { reply: 'exception' },
  close: { reply: 'none', then: 'end' },
  silence: { reply: 'none' },
  half: { reply: 'half', then: 'end' },
  refusal: { reply: 'refused' },
};

interface Outcome {
  /** From when the call's turn comes. */
  readonly workMs: number;
  readonly commits: boolean;
  readonly reply: 'ok' | 'refused' | 'exception' | 'strange' | 'half' | 'twice' | 'none';
  readonly then?: 'end' | 'reset';
}

/** A connection at the agent's end. */
interface Session extends Peer {
  readonly socket: FakeSocket;
  readonly calls: Call[];
  busy: boolean;
  closed: boolean;
}

export class SimulatedAgent {
  readonly #index: number;
  readonly #script: AgentScript;
  readonly #calmAt: number;
  readonly #world: World;
  #sessions: Session[] = [];
  #mood: Mood = 'well';
  #room = 0;
  /** In its channel, not yet taken by its sink. */
  #held = { events: 0, bytes: 0, at: 0 };

  /** @param calmAt from then on its channel has room and its link holds */
  constructor(index: number, script: AgentScript, calmAt: number, world: World) {
    this.#calmAt = calmAt;
    this.#index = index;
    this.#script = script;
    this.#world = world;
    for (const change of script.moods) world.clock.at(change.at, (at) => this.#change(change, at));
  }

  dial(): FakeSocket {
    const { clock, oracle, log } = this.#world;
    const session: Session = {
      index: this.#index,
      latencyMs: () => this.#latencyMs(),
      received: (call, at) => {
        if (session.closed) return;
        session.calls.push(call);
        this.#work(session, at);
      },
      get socket() {
        return socket;
      },
      calls: [],
      busy: false,
      closed: false,
    };
    const socket = new FakeSocket(session, this.#world);
    oracle.dialled(this.#index);
    log(() => `agent ${this.#index} is dialled`);
    clock.at(clock.now() + this.#latencyMs(), (at) => {
      if (this.#mood === 'hanging') return;
      if (this.#mood === 'refusing') {
        socket.reset(at, 'ECONNREFUSED');
        return;
      }
      this.#sessions.push(session);
      socket.accept(at);
      if (this.#mood === 'closing') this.#close(session, at, 'end');
    });
    return socket;
  }

  #change({ mood, restarts, room }: AgentScript['moods'][number], at: number): void {
    this.#world.log(() => `agent ${this.#index} is ${mood}${restarts ? ' after a restart' : ''}`);
    this.#mood = mood;
    this.#room = room;
    if (!restarts) return;
    const sessions = this.#sessions;
    this.#sessions = [];
    for (const session of sessions) this.#close(session, at, 'reset');
  }

  #close(session: Session, at: number, how: 'end' | 'reset'): void {
    if (session.closed) return;
    session.closed = true;
    this.#sessions = this.#sessions.filter((other) => other !== session);
    session.socket[how](at);
  }

  #work(session: Session, from: number): void {
    const call = session.calls[0];
    if (call === undefined || session.busy) return;
    session.busy = true;
    const { clock, chance, oracle } = this.#world;
    const outcome = this.#outcome(call);
    if (outcome.commits) {
      clock.at(from + outcome.workMs * chance.next(), () => {
        if (!session.closed) oracle.committed(call);
      });
    }
    clock.at(from + outcome.workMs, (at) => {
      if (session.closed) return;
      this.#reply(session, call, outcome.reply, at);
      if (outcome.then !== undefined) this.#close(session, at, outcome.then);
      if (outcome.reply === 'none') return;
      session.calls.shift();
      session.busy = false;
      this.#work(session, at);
    });
  }

  #reply(session: Session, { sequenceId }: Call, reply: Outcome['reply'], at: number): void {
    const { chance, settings } = this.#world;
    const { protocol } = settings;
    const say = (bytes: Buffer, verdict: Verdict): void => session.socket.say(bytes, verdict, at);
    const ok = statusReply(protocol, sequenceId, 0);
    switch (reply) {
      case 'ok':
        return say(ok, 'ok');
      case 'refused':
        return say(statusReply(protocol, sequenceId, chance.is(0.9) ? 1 : chance.integer(2, 3)), 'refused');
      case 'exception':
        return say(exceptionReply(protocol, sequenceId), 'exception');
      case 'strange':
        return say(chance.pick(strangeReplies)(protocol, sequenceId), 'strange');
      case 'half':
        return say(ok.subarray(0, chance.integer(2, ok.length - 1)), 'part');
      case 'twice':
        say(ok, 'ok');
        return say(ok, 'strange');
      case 'none':
    }
  }

  #outcome(call: Call): Outcome {
    const { chance, clock, settings } = this.#world;
    const { workMs, transactionCapacity, evil, keepAliveMs } = this.#script;
    const isCalm = clock.now() >= this.#calmAt;
    const quick = chance.next() * workMs;
    const ok: Outcome = { workMs: quick, commits: true, reply: 'ok' };
    const tooMany = call.ids.length > transactionCapacity;
    if (this.#mood === 'hanging') {
      return { workMs: quick, commits: !call.isPoisoned && !tooMany && chance.is(0.5), reply: 'none' };
    }
    if (!isCalm && chance.is(this.#script.breaks)) {
      return { workMs: quick, commits: chance.is(0.5) && !tooMany, reply: 'none', then: 'reset' };
    }
    if (call.isPoisoned && evil !== 'takes') return { workMs: quick, commits: false, ...evilOutcomes[evil] };
    if (tooMany) return { workMs: quick, commits: false, reply: 'refused' };
    if (this.#mood === 'erratic') return { ...this.#erraticOutcome(), workMs: quick };
    // An empty batch is a ping.
    if (call.ids.length === 0) return ok;
    if (this.#mood === 'full' && call.ids.length > this.#room) {
      return { workMs: keepAliveMs, commits: false, reply: 'refused' };
    }
    if (!isCalm && !this.#takes(call)) return { workMs: keepAliveMs, commits: false, reply: 'refused' };
    if (this.#mood === 'slow') return { ...ok, workMs: chance.next() * settings.requestTimeoutMs * 1.3 };
    return ok;
  }

  /** Its channel has room for all of the call's events; its sink has taken some since the last. */
  #takes({ ids, byteLength }: Call): boolean {
    const { events, bytes, drained } = this.#script.room;
    const now = this.#world.clock.now();
    const held = this.#held;
    const left = Math.max(0, held.events - (drained * (now - held.at)) / 1_000);
    const level = { events: left, bytes: held.events === 0 ? 0 : (held.bytes * left) / held.events, at: now };
    const hasRoom = level.events + ids.length <= events && level.bytes + byteLength <= bytes;
    this.#held = hasRoom ? { events: level.events + ids.length, bytes: level.bytes + byteLength, at: now } : level;
    return hasRoom;
  }

  #erraticOutcome(): Omit<Outcome, 'workMs'> {
    const { chance } = this.#world;
    const commits = chance.is(0.5);
    const then = chance.is(0.5) ? 'end' : 'reset';
    return chance.pick<Omit<Outcome, 'workMs'>>([
      { commits: true, reply: 'ok' },
      { commits: true, reply: 'ok' },
      { commits: true, reply: 'ok' },
      { commits: true, reply: 'ok', then },
      { commits: false, reply: 'refused' },
      { commits: false, reply: 'exception' },
      { commits: false, reply: 'none', then },
      { commits: true, reply: 'none', then },
      { commits: true, reply: 'half', then },
      { commits, reply: 'strange' },
      { commits: true, reply: 'twice' },
      { commits, reply: 'none' },
    ]);
  }

  #latencyMs(): number {
    const { chance } = this.#world;
    const { latencyMs } = this.#script;
    return chance.is(0.5) ? latencyMs : Math.round(chance.next() * latencyMs * 2);
  }
}
