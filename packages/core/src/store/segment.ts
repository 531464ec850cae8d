// A segment: a file of encoded events that is written at its end only, and deleted when all of them are settled.
//
//   segment = header record*
//   header  = "flumeseg"          8 bytes
//             version             u16: 1
//             protocol            u16: 1 compact, 2 binary, 3 JSON
//             salt                u32, random
//             created             u64, ms since the epoch
//             zero                u32
//             crc                 u32: CRC-32 of the 28 bytes before
//   record  = crc                 u32: CRC-32 of the rest of the record, begun with the salt in place of 0
//             length              u32: bytes of the payload, 1 at least
//             index               u32: 0 for the first record of the segment, then one more each
//             payload             a ThriftFlumeEvent as the protocol writes it
//
// Numbers are big-endian. The salt is in every checksum, so that no record of another segment passes: not from a block
// that the disk used before, nor from a log record that quotes one. It guards against accidents, not against people. A gap
// in the indexes says how many events damage has cost. The file is named by its number in its folder, the protocol and the
// salt, so that its records can be read even without the header:
//
//   0000000001-compact-1a2b3c4d.seg

import { crc32 } from 'node:zlib';
import { maxPayloadBytes } from '../thrift/frame-limit.ts';
import type { ProtocolName } from '../thrift/protocol.ts';

export interface SegmentIdentity {
  readonly number: number;
  readonly protocol: ProtocolName;
  readonly salt: number;
}

export const headerBytes = 32;
export const recordHeadBytes = 12;
export const segmentVersion = 1;

const magic = Buffer.from('flumeseg');
const protocols: readonly (ProtocolName | undefined)[] = [undefined, 'compact', 'binary', 'json'];
const namePattern = /^(\d{10})-(compact|binary|json)-([\da-f]{8})\.seg$/;

export function segmentName({ number, protocol, salt }: SegmentIdentity): string {
  return `${String(number).padStart(10, '0')}-${protocol}-${salt.toString(16).padStart(8, '0')}.seg`;
}

/** @returns undefined where the file is none of ours */
export function parseSegmentName(name: string): SegmentIdentity | undefined {
  const [, number, protocol, salt] = namePattern.exec(name) ?? [];
  if (number === undefined || salt === undefined) return undefined;
  return { number: Number(number), protocol: protocol as ProtocolName, salt: Number.parseInt(salt, 16) };
}

export function writeHeader({ protocol, salt }: SegmentIdentity, createdMs: number): Buffer {
  const header = Buffer.alloc(headerBytes);
  magic.copy(header);
  header.writeUInt16BE(segmentVersion, 8);
  header.writeUInt16BE(protocols.indexOf(protocol), 10);
  header.writeUInt32BE(salt, 12);
  header.writeBigUInt64BE(BigInt(createdMs), 16);
  header.writeUInt32BE(crc32(header.subarray(0, 28)), 28);
  return header;
}

/** The version of a segment whose header is whole, else undefined. A later version may have another header behind it. */
export function headerVersion(header: Buffer): number | undefined {
  if (header.length < headerBytes || !header.subarray(0, 8).equals(magic)) return undefined;
  return crc32(header.subarray(0, 28)) === header.readUInt32BE(28) ? header.readUInt16BE(8) : undefined;
}

/** When the segment of a whole header was begun, in ms since the epoch. */
export function headerTime(header: Buffer): number {
  return Number(header.readBigUInt64BE(16));
}

/** Completes the record from `at` to `end`, whose payload is in place. */
export function sealRecord(bytes: Buffer, at: number, end: number, index: number, salt: number): void {
  writeU32(bytes, at + 4, end - at - recordHeadBytes);
  writeU32(bytes, at + 8, index);
  writeU32(bytes, at, crc32(bytes.subarray(at + 4, end), salt));
}

/** The length of the payload, as the record at `at` says it: 0 where that cannot be. */
export function recordLength(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at + 4);
  return length <= maxPayloadBytes ? length : 0;
}

export function recordIndex(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at + 8);
}

/** The record from `at` to `end` is as it was written. */
export function isIntact(bytes: Buffer, at: number, end: number, salt: number): boolean {
  return crc32(bytes.subarray(at + 4, end), salt) === bytes.readUInt32BE(at);
}

function writeU32(bytes: Buffer, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
