// The scenes that a fleet can be put through: what happens when, to whom, and which times the measures are taken at.

import type { Security } from './simulated-source.ts';

/** What the scenes are made for. */
export interface Setup {
  readonly clients: number;
  readonly agents: number;
  /** Seconds of load that were asked for. */
  readonly seconds: number;
  /** How long an agent is away when it restarts. */
  readonly restartMs: number;
}

export type Step =
  | { readonly at: number; readonly does: 'kill' | 'start' | 'stop sink' | 'start sink'; readonly agent: number }
  | { readonly at: number; readonly does: 'cut' | 'heal' | 'rename' };

export interface Scene {
  /** The clients start within so long. */
  readonly startMs: number;
  readonly steps: readonly Step[];
  /** From each of these on it is measured when every client delivers again. */
  readonly disturbances: readonly number[];
  /** Nothing happens from then on. */
  readonly calmAt: number;
  /** The clients log until then. */
  readonly endAt: number;
  /** Agents that are there in the end. */
  readonly living: readonly number[];
  readonly security?: Security;
  /** How long each answer of the KDC takes. */
  readonly kdcDelayMs?: number;
  /** How much more the first client logs than the others. */
  readonly loudness?: number;
  readonly connectionMaxAgeMs?: number;
}

const settledMs = 30_000;
const startMs = 10_000;
/** The load is compared for so long, from a minute after all is calm. */
export const loadFromMs = 60_000;
export const loadForMs = 10_000;

export const scenes = {
  steady: {
    about: 'nothing happens',
    make: (setup: Setup) => scene(setup, [], [], settledMs, all(setup)),
  },
  restart: {
    about: 'the first agent is killed and started again',
    make: (setup: Setup) => {
      const back = settledMs + setup.restartMs;
      return scene(setup, restart(0, settledMs, back), [settledMs], back, all(setup));
    },
  },
  'half-die': {
    about: 'half of the agents are killed, for good',
    make: (setup: Setup) => {
      const dead = all(setup).slice(0, Math.floor(setup.agents / 2));
      const steps = dead.map((agent): Step => ({ at: settledMs, does: 'kill', agent }));
      return scene(setup, steps, [settledMs], settledMs, all(setup).slice(dead.length));
    },
  },
  upgrade: {
    about: 'the agents are restarted one after the other',
    make: (setup: Setup) => {
      const eachMs = setup.restartMs + betweenRestartsMs;
      const times = all(setup).map((agent) => settledMs + agent * eachMs);
      const steps = times.flatMap((at, agent) => restart(agent, at, at + setup.restartMs));
      return scene(setup, steps, times, (times.at(-1) as number) + setup.restartMs, all(setup));
    },
  },
  'sink-stop': {
    about: 'the sinks of all agents stop for an hour',
    make: (setup: Setup) => {
      const calmAt = settledMs + 3_600_000;
      const steps = all(setup).flatMap((agent): Step[] => [
        { at: settledMs, does: 'stop sink', agent },
        { at: calmAt, does: 'start sink', agent },
      ]);
      return scene(setup, steps, [calmAt], calmAt, all(setup));
    },
  },
  name: {
    about:
      'the name of the first agent gets another address, and the old one is switched off when all should have moved',
    make: (setup: Setup) => {
      const offAt = settledMs + nameTtlMs + nameMaxAgeMs + 10_000;
      const steps: Step[] = [
        { at: settledMs, does: 'rename' },
        { at: offAt, does: 'kill', agent: 0 },
      ];
      // The new one is behind the others in the list of all that there are.
      const living = [...all(setup).slice(1), setup.agents];
      const made = scene(setup, steps, [settledMs, offAt], offAt, living);
      return { ...made, connectionMaxAgeMs: nameMaxAgeMs };
    },
  },
  cut: {
    about: 'for 30 s half of the clients reach only half of the agents, and the others only the others',
    make: (setup: Setup) => {
      const healedAt = settledMs + 30_000;
      const steps: Step[] = [
        { at: settledMs, does: 'cut' },
        { at: healedAt, does: 'heal' },
      ];
      return scene(setup, steps, [settledMs], healedAt, all(setup));
    },
  },
  loud: {
    about: 'one client logs a hundred times as much as each other',
    make: (setup: Setup) => ({ ...scene(setup, [], [], settledMs, all(setup)), loudness: 100 }),
  },
  start: {
    about: 'all clients start within a second',
    make: (setup: Setup) => ({ ...scene(setup, [], [0], 1_000, all(setup)), startMs: 1_000 }),
  },
  kerberos: {
    about: 'all clients start within a second, with Kerberos and a KDC that takes a second for each answer',
    make: (setup: Setup) => ({
      ...scene(setup, [], [0], 1_000, all(setup)),
      startMs: 1_000,
      security: 'kerberos' as const,
      kdcDelayMs: 1_000,
    }),
  },
} satisfies Record<string, { about: string; make: (setup: Setup) => Scene }>;

export type SceneName = keyof typeof scenes;

const betweenRestartsMs = 15_000;
export const nameTtlMs = 30_000;
const nameMaxAgeMs = 20_000;

function scene(
  { seconds }: Setup,
  steps: readonly Step[],
  disturbances: readonly number[],
  calmAt: number,
  living: readonly number[],
): Scene {
  const endAt = Math.max(seconds * 1_000, calmAt + loadFromMs + loadForMs);
  return { startMs, steps, disturbances, calmAt, endAt, living };
}

function all({ agents }: Setup): number[] {
  return Array.from({ length: agents }, (_, agent) => agent);
}

function restart(agent: number, at: number, back: number): Step[] {
  return [
    { at, does: 'kill', agent },
    { at: back, does: 'start', agent },
  ];
}
