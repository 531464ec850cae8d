// Where the records of a TLS stream begin and end: type (1 byte), version (2), length (2, big-endian), and so many bytes.

export interface RecordEdge {
  readonly start: number;
  readonly end: number;
}

const headerBytes = 5;

/** The records whose header is there; the last may not be whole. */
export function recordEdges(stream: Buffer): RecordEdge[] {
  const edges: RecordEdge[] = [];
  for (let start = 0; start + headerBytes <= stream.length; ) {
    const end = start + headerBytes + stream.readUInt16BE(start + 3);
    edges.push({ start, end });
    start = end;
  }
  return edges;
}
