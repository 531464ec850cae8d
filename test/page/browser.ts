// A real Chromium, as Debian has it, with the page of a development agent in it.
import { existsSync } from 'node:fs';
import type { Browser, Page, Response } from 'playwright-core';
import { chromium } from 'playwright-core';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

// Nothing is asked of anybody but of the page.
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Throws one line that says what to install: the suite fails then, it never skips. */
export async function launch(): Promise<Browser> {
  if (!existsSync(executablePath)) {
    throw new Error(`${executablePath} not found: the page's tests need Chromium (Debian: apt-get install chromium)`);
  }
  return chromium.launch({ executablePath, args });
}

export interface OpenedPage {
  readonly page: Page;
  /** What the browser complained of, and every request to elsewhere. */
  readonly complaints: string[];
  /** Of the files of the page, in bytes. */
  readonly weight: () => Promise<number>;
}

export interface View {
  readonly width?: number;
  readonly height?: number;
  readonly colours?: 'light' | 'dark';
}

/** Opens `hash`, and waits until the page is live. */
export async function openPage(
  browser: Browser,
  uiPort: number | undefined,
  hash = '',
  { width = 1360, height = 860, colours = 'light' }: View = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: colours,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  const origin = `http://127.0.0.1:${uiPort}`;
  const files: Response[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) complaints.push(`a request to ${request.url()}`);
  });
  page.on('response', (response) => {
    const isApi = new URL(response.url()).pathname.startsWith('/api/');
    if (!isApi) files.push(response);
  });
  await page.goto(`${origin}/${hash}`);
  await page.locator('.link.is-open').waitFor();
  return {
    page,
    complaints,
    weight: async () => {
      const bodies = await Promise.all(files.map((file) => file.body()));
      return bodies.reduce((sum, { length }) => sum + length, 0);
    },
  };
}
