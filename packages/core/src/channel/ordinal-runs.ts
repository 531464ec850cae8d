// Events that a part of a channel holds have ordinals of its own, without a gap. In the whole channel others come between
// them: each run of events that followed each other there too has a distance of its own between the two.

export interface OrdinalRun {
  /** What is to be added to the part's ordinal. */
  readonly distance: number;
  /** Behind the run's last event, in the part's ordinals. */
  to: number;
  /** Events that are not settled. */
  pending: number;
}

export class OrdinalRuns {
  /** Those with events that are not settled, in order. */
  readonly #runs: OrdinalRun[] = [];

  /** The part took an event. */
  add(own: number, whole: number): void {
    let last = this.#runs[this.#runs.length - 1];
    if (last?.distance !== whole - own) {
      last = { distance: whole - own, to: own, pending: 0 };
      this.#runs.push(last);
    }
    last.to = own + 1;
    last.pending += 1;
  }

  /** The run of an event that is not settled. */
  of(own: number): OrdinalRun {
    return this.#runs.find(({ to }) => own < to) as OrdinalRun;
  }

  /** Events are settled, all of this run. */
  settle(run: OrdinalRun, count: number): void {
    run.pending -= count;
    if (run.pending === 0) this.#runs.splice(this.#runs.indexOf(run), 1);
  }
}
