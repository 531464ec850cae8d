// Makes Node look as it is on Windows, where that is all that differs for a program: no users, no mode bits, no Unix
// domain sockets in folders, no signals but those that Node makes up, no links, folders that cannot be opened or synced.
const fs = require('node:fs');
const net = require('node:net');

Object.defineProperty(process, 'platform', { value: 'win32' });
for (const name of ['getuid', 'geteuid', 'getgid', 'getegid', 'getgroups', 'setuid']) process[name] = undefined;
for (const name of ['O_NOFOLLOW', 'O_NONBLOCK', 'O_DIRECTORY', 'O_SYNC', 'O_DSYNC']) delete fs.constants[name];

const failure = (code, syscall) => Object.assign(new Error(`${code}: not on Windows, ${syscall}`), { code, syscall });

/** Modes say only whether a file may be written to. */
const worn = (stats) => {
  if (stats !== undefined && typeof stats.mode === 'number') {
    stats.mode = (stats.mode & ~0o777) | (stats.isDirectory() ? 0o777 : 0o666);
    stats.uid = 0;
    stats.gid = 0;
  }
  return stats;
};
for (const api of [fs, fs.promises]) {
  for (const name of ['statSync', 'lstatSync', 'fstatSync', 'stat', 'lstat']) {
    const original = api[name];
    if (original === undefined || (api === fs && !name.endsWith('Sync'))) continue;
    api[name] = (...args) => {
      const result = original.apply(api, args);
      return result instanceof Promise ? result.then(worn) : worn(result);
    };
  }
}
for (const name of ['chmodSync', 'fchmodSync', 'chownSync', 'fchownSync']) fs[name] = () => {};

const { openSync } = fs;
fs.openSync = (file, ...rest) => {
  const stats = fs.lstatSync(file, { throwIfNoEntry: false });
  // A folder has no descriptor there.
  if (stats?.isDirectory()) throw failure('EPERM', 'open');
  return openSync.call(fs, file, ...rest);
};

const { listen } = net.Server.prototype;
net.Server.prototype.listen = function (...args) {
  const [first] = args;
  const file = typeof first === 'string' ? first : first?.path;
  if (typeof file === 'string' && !file.startsWith('\\\\.\\pipe\\')) {
    process.nextTick(() => this.emit('error', failure('EACCES', 'listen')));
    return this;
  }
  return listen.apply(this, args);
};

const { kill } = process;
process.kill = (pid, signal) => {
  if (!['SIGINT', 'SIGTERM', 'SIGKILL', 'SIGQUIT', 0, undefined].includes(signal)) throw failure('ENOSYS', 'kill');
  return kill.call(process, pid, signal);
};
