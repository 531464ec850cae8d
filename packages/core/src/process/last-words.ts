// The line on stderr about events that nobody will deliver any more.

import type { AgentStats } from '../stats.ts';

/** Why nothing was delivered, as far as the agents show it. */
export function whyNot(agents: readonly { readonly stats: AgentStats }[]): string | undefined {
  const all = agents.map(({ stats }) => stats);
  const error = all.find(({ lastError }) => lastError !== undefined)?.lastError;
  const silent = all.find(({ inFlight }) => inFlight > 0);
  return error ?? (silent === undefined ? undefined : `Flume agent ${silent.name}: no answer yet`);
}

/** @returns undefined where nothing is lost */
export function lastWords(lost: number, ...reasons: readonly (string | undefined)[]): string | undefined {
  if (lost === 0) return undefined;
  const events = lost === 1 ? '1 event was' : `${lost} events were`;
  const known = reasons.filter((reason) => reason !== undefined).join('; ');
  return `flume: ${events} not delivered${known === '' ? '' : `: ${known}`}`;
}
