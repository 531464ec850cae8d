// What every measured program uses: its settings, the events that all peers send, and the clock.

/** What the harness asked for. */
export const settings = JSON.parse(process.argv[2] ?? '{}');

/** Events of 4 headers and a body, all different; every peer sends this pool in turn, so that making them costs nobody. */
export function eventPool(bodyBytes = 200, count = 1_000) {
  return Array.from({ length: count }, (_, index) => ({
    headers: { host: 'web-1.example.org', timestamp: `${1_731_234_567_000 + index}`, level: 'info', app: 'checkout' },
    body: Buffer.from(`event ${index} `.padEnd(bodyBytes, 'x').slice(0, bodyBytes)),
  }));
}

const filler =
  'user-agent=Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0 referer=/checkout/basket';

/** An event made in the loop, its body a text of about 200 characters joined of parts: as bench/java/DeliverEvents.java does. */
export function freshEvent(number) {
  return {
    headers: { host: 'web-1.example.org', timestamp: `${1_731_234_567_000 + number}`, level: 'info', app: 'checkout' },
    body: `request ${number} completed: method=GET url=/api/items/${number % 1_000} status=200 ms=${number % 97} ${filler}`,
  };
}

/** Starts measuring; the function returned tells what was used since: milliseconds, and the whole process's CPU. */
export function measure() {
  const cpu = process.cpuUsage();
  const start = performance.now();
  return () => {
    const ms = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    return { ms, cpuMs: (user + system) / 1_000 };
  };
}

/** Hands the numbers to the harness, as the last line of stdout. */
export function report(numbers) {
  process.stdout.write(`${JSON.stringify(numbers)}\n`);
}

export const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Until the process has used next to no CPU for so long. */
export async function silence(ms) {
  let before = process.cpuUsage();
  for (let still = 0; still < ms; ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { user, system } = process.cpuUsage(before);
    still = user + system < 2_000 ? still + 100 : 0;
    before = process.cpuUsage();
  }
}
