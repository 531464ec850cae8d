// Opens an address in the browser of whoever sits at this machine.
import { spawn } from 'node:child_process';

const openers: Readonly<Record<string, readonly [command: string, ...args: string[]]>> = {
  darwin: ['open'],
  // The empty text is the title that start takes for a quoted word.
  win32: ['cmd', '/c', 'start', ''],
};

/** @param failed is called with why it could not be opened */
export function openBrowser(address: string, failed: (why: string) => void): void {
  const [command, ...args] = openers[process.platform] ?? ['xdg-open'];
  const child = spawn(command, [...args, address], { stdio: 'ignore', detached: true });
  child.on('error', ({ message }) => failed(message));
  child.unref();
}
