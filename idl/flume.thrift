/*
 * What a Flume Thrift source speaks, the same since Flume 1.4.
 * The generated code (npm run generate) is committed under packages/dev-agent/generated.
 */

/* One event: string headers, which route it, and a body of bytes. */
struct ThriftFlumeEvent {
  1: required map<string, string> headers,
  2: required binary body
}

/* Flume's source answers OK or FAILED; ERROR and UNKNOWN are for other servers. */
enum Status {
  OK,
  FAILED,
  ERROR,
  UNKNOWN
}

service ThriftSourceProtocol {
  Status append(1: ThriftFlumeEvent event),

  /* All of the batch or nothing: one Flume transaction. */
  Status appendBatch(1: list<ThriftFlumeEvent> events)
}
