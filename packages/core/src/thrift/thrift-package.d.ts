// The part of the `thrift` package that the core loads at run time. Its index is never loaded: its other parts pull in
// an ESM-only dependency that CommonJS test runners cannot load.
declare module 'thrift/lib/nodejs/lib/thrift/thrift.js' {
  const thrift: {
    readonly Type: {
      readonly STOP: 0;
      readonly I32: 8;
      readonly STRING: 11;
      readonly STRUCT: 12;
      readonly MAP: 13;
      readonly LIST: 15;
    };
    readonly MessageType: { readonly CALL: 1; readonly REPLY: 2; readonly EXCEPTION: 3 };
    readonly TApplicationException: new (type: number, message: string) => Error & { readonly type: number };
  };
  export default thrift;
}
