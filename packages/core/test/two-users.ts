// Two users on one machine, where the tests may make them: what they do to each other's files.

import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Any two that are not root; nobody has to have them in a list. */
export const ours = 64_101;
export const theirs = 64_102;

/** Why there are no two users, for a test's `skip`. */
export const oneUser: string | false = process.geteuid?.() === 0 ? false : 'only root can be two users';

/** Does it as a user, files and all. Of what is asynchronous only the beginning. */
export function as<Result>(user: number, act: () => Result): Result {
  process.setegid?.(user);
  process.seteuid?.(user);
  try {
    return act();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

/** A folder of that user's, in a place where anybody may make one. */
export function folderOf(user: number, mode = 0o700): string {
  const place = fs.mkdtempSync(path.join(tmpdir(), 'flume-users-'));
  fs.chownSync(place, user, user);
  fs.chmodSync(place, mode);
  return place;
}
