// What the commands of this project share, also with the loggers' packages. Not for applications.
export {
  type CommandOutline,
  type Flag,
  type FlagGroup,
  type GivenFlags,
  note,
  readFlags,
  runCommand,
  UsageError,
} from './command-line.ts';
export { deliveryFlags, loggerFlags } from './option-flags.ts';
export { configFlag, optionFlags, optionsNote, readOptions } from './option-sources.ts';
export { Progress, type ProgressState } from './progress.ts';
