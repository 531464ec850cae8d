// The applications' line to the demo that starts them. An application that was started by hand talks to the terminal.

export type AppMessage = Listening | AppReport;

export interface Listening {
  readonly kind: 'listening';
  readonly url: string;
}

/** The last that an application says. */
export interface AppReport {
  readonly kind: 'report';
  /** Records that it logged: they have the ids `<application>-1` to `<application>-<records>`. */
  readonly records: number;
  /** How many of them Flume acknowledged, as far as the application can know. */
  readonly acknowledged: number;
  /** How it knows. */
  readonly evidence: string;
}

/** Resolves when the message is on its way. */
export function tell(message: AppMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send !== undefined) process.send(message, undefined, undefined, () => resolve());
    else {
      console.log(message);
      resolve();
    }
  });
}

// Windows has no SIGTERM: there the demo sends a message instead.
process.on('message', () => process.emit('SIGTERM'));
// Without the demo there is nobody left to stop the application.
process.on('disconnect', () => process.exit(1));
process.channel?.unref();
