// Scripted answers: one step per call, in order over all connections, and after the last as Flume would.
import type { Call } from './call.ts';
import type { Plan, Step } from './step.ts';
import { planOf } from './step.ts';

/** `repeat` may be Infinity. */
export type ScriptStep = Step | { repeat: number; step: Step };

/** Decides for each call; undefined answers as Flume would. */
export type ScriptFunction = (call: Call) => Step | undefined | Promise<Step | undefined>;

/** A step of a script in words, and for how many calls more; Infinity for ever. */
export interface PlannedStep {
  readonly step: string;
  readonly left: number;
}

export class Script {
  readonly #decide: ScriptFunction | undefined;
  readonly #queue: { readonly plan: Plan; left: number }[] = [];

  constructor(steps: readonly ScriptStep[] | ScriptFunction) {
    if (typeof steps === 'function') {
      this.#decide = steps;
      return;
    }
    if (!Array.isArray(steps)) throw new TypeError(`script: expected an array of steps or a function`);
    steps.forEach((step: ScriptStep, index) => {
      const where = `script[${index}]`;
      if (typeof step !== 'object' || step === null || !('repeat' in step)) {
        this.#queue.push({ plan: planOf(step, where), left: 1 });
        return;
      }
      const { repeat } = step;
      if (!(repeat === Infinity || (Number.isInteger(repeat) && repeat >= 1))) {
        throw new TypeError(`${where}.repeat: expected an integer >= 1, got ${repeat}`);
      }
      this.#queue.push({ plan: planOf(step.step, `${where}.step`), left: repeat });
    });
  }

  /** Steps that no call has met yet; Infinity for a function. */
  get stepsLeft(): number {
    return this.#decide === undefined ? this.#queue.reduce((sum, { left }) => sum + left, 0) : Infinity;
  }

  /** The steps that are left, in words. */
  get plan(): readonly PlannedStep[] {
    if (this.#decide !== undefined) return [{ step: 'as a function decides', left: Infinity }];
    return this.#queue.map(({ plan: { label, delayMs }, left }) => {
      return { step: delayMs > 0 ? `${delayMs} ms, then ${label}` : label, left };
    });
  }

  /** The plan for this call; undefined: answer as Flume would. */
  next(call: Call): Plan | undefined | Promise<Plan | undefined> {
    if (this.#decide !== undefined) {
      const step = this.#decide(call);
      return step instanceof Promise ? step.then(returned) : returned(step);
    }
    const head = this.#queue[0];
    if (head === undefined) return undefined;
    head.left--;
    if (head.left === 0) this.#queue.shift();
    return head.plan;
  }
}

function returned(step: Step | undefined): Plan | undefined {
  return step === undefined ? undefined : planOf(step, 'script function');
}
