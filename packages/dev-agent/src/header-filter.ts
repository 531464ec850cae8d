// Which events the command shows: those whose headers are as --filter says.
import type { ReceivedEvent } from './call.ts';

export interface HeaderCondition {
  readonly name: string;
  /** undefined: any value. */
  readonly value: string | undefined;
}

/** Of conditions with the same name one must hold, and that for each name. */
export function matchesHeaders({ headers }: ReceivedEvent, conditions: readonly HeaderCondition[]): boolean {
  const holds = ({ name, value }: HeaderCondition): boolean =>
    Object.hasOwn(headers, name) && (value === undefined || headers[name] === value);
  return conditions.every(({ name }) => conditions.some((other) => other.name === name && holds(other)));
}
