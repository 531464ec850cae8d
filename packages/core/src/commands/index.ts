// What the commands of this project share, also with the loggers' packages. Not for applications.
export {
  type CommandOutline,
  type Flag,
  type FlagGroup,
  type GivenFlags,
  note,
  runCommand,
  UsageError,
} from './command-line.ts';
export { Progress, type ProgressState } from './progress.ts';
