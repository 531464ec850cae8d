// The door for commands: flags and words that those of several packages share, and what the tools read a spool with. Not for
// applications.
export { headersOf, simpleJson } from '../dead-letter.ts';
export { type Disk, diskErrorCode, systemDisk } from '../disk.ts';
export { type DeliveryOptions, resolveDelivery } from '../options/delivery-options.ts';
export { escaped, shown } from '../shown-value.ts';
export { checkFolder } from '../spool/folder.ts';
export { kernelId, type OwnerState, ownerState, parseFolderName, type SpoolOwner } from '../spool/folder-owner.ts';
export { setAsideName } from '../spool/kept-files.ts';
export { placesIn } from '../spool/spool-place.ts';
export { lockName } from '../spool/writer-lock.ts';
export { parseSegmentName, type SegmentIdentity } from '../store/segment.ts';
export { type ScanStep, SegmentScan } from '../store/segment-scan.ts';
export { protocolNamed } from '../thrift/protocols.ts';
export { Reader } from '../thrift/reply.ts';
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
export { loggerFlags, type OptionGroup, resendFlags, sendFlags } from './option-flags.ts';
export { configFlag, optionFlags, optionsNote, readOptions } from './option-sources.ts';
