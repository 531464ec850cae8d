// A finding of the doctor: a fact, or something that is wrong, with its likely causes and what to set.

export interface Finding {
  readonly what: string;
  /** In order of likelihood, each with what would decide. */
  readonly causes?: readonly string[] | undefined;
  /** The option or the line of a configuration, as it is to be written. */
  readonly set?: string | undefined;
}

/** Lines for a terminal. */
export function findingLines({ what, causes = [], set }: Finding): string[] {
  return [
    `  ! ${what}`,
    ...causes.map((cause, index) => `    ${causes.length === 1 ? '' : `${index + 1}. `}${cause}`),
    ...(set === undefined ? [] : set.split('\n').map((line) => `    set  ${line}`)),
  ];
}
