// Adds winston.transports.Flume, for those who like to find all transports there: import 'winston-flume/register'.

import winston from 'winston';
import { FlumeTransport, type FlumeTransportClass } from './public-transport.ts';

declare module 'winston/lib/winston/transports/index.js' {
  interface Transports {
    Flume: FlumeTransportClass;
  }
}

winston.transports.Flume = FlumeTransport;
