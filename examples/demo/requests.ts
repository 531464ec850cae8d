// What the demo asks of the applications: mostly orders, some for what does not exist, some that fail.

interface PlannedRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly customer?: string;
  /** The status that it is to be answered with. */
  readonly status: number;
}

// Letters of one to four bytes.
const customers = ['Ada Lovelace', 'Zoë Müller', 'Ольга Иванова', '山田 太郎', 'María 🐟 Peña'];

export const requestsPerApp = 300;
const inParallel = 8;
const answerTimeoutMs = 10_000;

/** Sends all requests to one application; throws where one is not answered as it should be. */
export async function driveRequests(url: string, answered: () => void): Promise<void> {
  const requests = Array.from({ length: requestsPerApp }, (_none, index) => planned(index + 1)).values();
  // They share the iterator, so each takes the next request that is left.
  const drive = async (): Promise<void> => {
    for (const request of requests) {
      await send(url, request);
      answered();
    }
  };
  await Promise.all(Array.from({ length: inParallel }, drive));
}

function planned(number: number): PlannedRequest {
  if (number % 25 === 0) return { method: 'GET', path: '/broken', status: 500 };
  if (number % 10 === 0) return { method: 'GET', path: `/orders/${number}`, status: 404 };
  return { method: 'POST', path: '/orders', customer: customers[number % customers.length] as string, status: 201 };
}

async function send(url: string, { method, path, customer, status }: PlannedRequest): Promise<void> {
  const payload = customer !== undefined && {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ customer }),
  };
  const request = `${method} ${url}${path}`;
  let response: Response;
  let answer: string;
  try {
    response = await fetch(`${url}${path}`, { method, ...payload, signal: AbortSignal.timeout(answerTimeoutMs) });
    answer = await response.text();
  } catch (error) {
    // What fetch throws says only that it failed.
    const { message, cause } = error as Error;
    throw new Error(`${request}: ${cause instanceof Error ? cause.message : message}`, { cause });
  }
  if (response.status !== status) {
    throw new Error(`${request}: expected status ${status}, got ${response.status}: ${answer}`);
  }
}
