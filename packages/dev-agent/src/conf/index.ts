// Reads Flume agents' configurations, and tells where an event would go in one. Depends on nothing.

export type { BucketTime, Rounding } from './bucket-path.ts';
export { expandPath } from './bucket-path.ts';
export type {
  AgentConfiguration,
  Component,
  Configuration,
  Problem,
  Setting,
  Sink,
  Source,
} from './configuration.ts';
export { isType, readConfiguration, wordsOf } from './configuration.ts';
export type { Property } from './properties.ts';
export { parseProperties } from './properties.ts';
export type { ChannelRoute, Destination, Route } from './route.ts';
export { routeOf, thriftSource } from './route.ts';
export type { Headers, Selection } from './selector.ts';
export { selectChannels } from './selector.ts';
