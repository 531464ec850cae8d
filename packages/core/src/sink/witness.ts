// What can be said of an agent and the way to it, apart from the batches that are set aside: by it an event that breaks its
// connection is told from a link that breaks by chance.

export class Witness {
  /** Batches that it accepted. */
  passed = 0;
  /** Failures that no batch set aside explains. */
  flaws = 0;
  /** The largest event that it is known to have taken, in bytes. */
  largest = 0;
}
