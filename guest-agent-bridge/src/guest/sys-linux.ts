/** `Sys` over Linux's system calls. Layouts are those of 64-bit little-endian Linux, the same on x86-64 and arm64. */
import { SysError, type DirectoryItem, type FileKind, type FileStat, type Sys } from './sys.ts'
import { addressesFrom, endsDump } from './netlink.ts'
import { sha256 } from './sha256.ts'
import { native, type Argument } from './native.ts'

const call = (name: string, number: number, ...args: Argument[]): number => {
  const result = native.call(number, ...args)
  if (result < 0) throw new SysError(-result, name)
  return result
}

const AT_SYMLINK_NOFOLLOW = 0x100
const AT_EMPTY_PATH = 0x1000
const AT_REMOVEDIR = 0x200
const STATX_BASIC = 0x7ff
const LOCK_EXCLUSIVE_NOW = 2 | 4
const FIFREEZE = 0xc0045877
const FITHAW = 0xc0045878
const TCGETS = 0x5401
const TCSETS = 0x5402
const F_GETFL = 3
const F_SETFL = 4
const F_SETOWN = 8
const O_ASYNC = 0x2000
const AF_NETLINK = 16
const SOCK_RAW = 3
const WNOHANG = 1
const CLOCK_REALTIME = 0
const CLOCK_MONOTONIC = 1

const kinds: Readonly<Record<number, FileKind>> = {
  0o10: 'file',
  0o4: 'directory',
  0o12: 'link',
  0o2: 'character',
  0o6: 'block',
  0o1: 'fifo',
  0o14: 'socket',
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Counts beyond 2^53 are not met in practice and lose their last digits. */
const u64 = (data: DataView, at: number): number =>
  data.getUint32(at, true) + data.getUint32(at + 4, true) * 4_294_967_296

const i64 = (data: DataView, at: number): number =>
  data.getUint32(at, true) + data.getInt32(at + 4, true) * 4_294_967_296

const stat = (directory: number, path: string, flags: number): FileStat => {
  const bytes = new Uint8Array(256)
  call('statx', native.statx, directory, path, flags, STATX_BASIC, bytes)
  const data = view(bytes)
  const mode = data.getUint16(28, true)
  const time = (at: number): number => i64(data, at) * 1000 + Math.floor(data.getUint32(at + 8, true) / 1e6)
  return {
    kind: kinds[mode >> 12] ?? 'file',
    mode: mode & 0o7777,
    links: data.getUint32(16, true),
    uid: data.getUint32(20, true),
    gid: data.getUint32(24, true),
    inode: u64(data, 32),
    device: `${data.getUint32(136, true)}:${data.getUint32(140, true)}`,
    size: u64(data, 40),
    accessedAt: time(64),
    modifiedAt: time(112),
    changedAt: time(96),
  }
}

const cString = (bytes: Uint8Array, from: number, end: number): string => {
  const zero = bytes.indexOf(0, from)
  return native.decode(bytes.subarray(from, zero < 0 || zero > end ? end : zero))
}

const readDirectory = (fd: number): DirectoryItem[] => {
  const bytes = new Uint8Array(16_384)
  const data = view(bytes)
  const items: DirectoryItem[] = []
  for (;;) {
    const length = call('getdents', native.getdents64, fd, bytes, bytes.length)
    if (length === 0) return items
    for (let at = 0; at < length; at += data.getUint16(at + 16, true)) {
      const name = cString(bytes, at + 19, length)
      if (name !== '.' && name !== '..') items.push({ name, kind: kinds[data.getUint8(at + 18)] ?? null })
    }
  }
}

const clock = (which: number): number => {
  const bytes = new Uint8Array(16)
  call('clock_gettime', native.clock_gettime, which, bytes)
  return i64(view(bytes), 0) * 1000 + u64(view(bytes), 8) / 1e6
}

const timespec = (milliseconds: number): Uint8Array => {
  const bytes = new Uint8Array(16)
  const data = view(bytes)
  const seconds = Math.floor(milliseconds / 1000)
  data.setUint32(0, seconds % 4_294_967_296, true)
  data.setUint32(4, Math.floor(seconds / 4_294_967_296), true)
  data.setUint32(8, Math.round((milliseconds - seconds * 1000) * 1e6), true)
  return bytes
}

const poll: Sys['poll'] = (items, timeout) => {
  const list = new Int32Array(2 * items.length + 2)
  items.forEach((item, index) => list.set([item.fd, item.events], 2 * index))
  const limit = timeout < 0 ? undefined : timespec(timeout)
  const result = native.call(native.ppoll, list, items.length, limit)
  // Stopped and continued: the caller's own clock says how long there is still to wait.
  if (result < 0 && result !== -4) throw new SysError(-result, 'poll')
  items.forEach((item, index) => {
    item.revents = result > 0 ? (list[2 * index + 1] ?? 0) >>> 16 : 0
  })
  return Math.max(result, 0)
}

const signalDescriptor: Sys['signalDescriptor'] = numbers => {
  const mask = new Uint8Array(8)
  for (const number of numbers) mask[(number - 1) >> 3] = (mask[(number - 1) >> 3] ?? 0) | (1 << ((number - 1) & 7))
  call('sigprocmask', native.rt_sigprocmask, 0, mask, undefined, mask.length)
  return call('signalfd', native.signalfd4, -1, mask, mask.length, native.O_NONBLOCK | native.O_CLOEXEC)
}

const readSignal: Sys['readSignal'] = fd => {
  const bytes = new Uint8Array(128)
  const length = native.call(native.read, fd, bytes, bytes.length)
  if (length < 0 && length !== -11) throw new SysError(-length, 'read')
  return length > 0 ? view(bytes).getUint32(0, true) : null
}

const makeRaw: Sys['makeRaw'] = fd => {
  const bytes = new Uint8Array(64)
  if (native.call(native.ioctl, fd, TCGETS, bytes) < 0) return false
  const data = view(bytes)
  const control = data.getUint32(8, true)
  data.setUint32(0, 0, true)
  data.setUint32(4, 0, true)
  // Eight bits without parity, where it was perhaps seven with.
  data.setUint32(8, (control & ~0o460) | 0o60, true)
  data.setUint32(12, 0, true)
  // VTIME and VMIN: give what is there, wait for one byte.
  bytes[17 + 5] = 0
  bytes[17 + 6] = 1
  call('tcsets', native.ioctl, fd, TCSETS, bytes)
  return true
}

const block = (texts: readonly string[]): Uint8Array => {
  if (texts.some(text => text.includes('\0'))) throw new SysError(22, 'exec')
  return native.encode(texts.map(text => `${text}\0`).join(''), nothing, '')
}

const spawn: Sys['spawn'] = spec => {
  if (spec.path.includes('\0') || spec.directory?.includes('\0') === true) throw new SysError(22, 'exec')
  const who = spec.user ? [spec.user.uid, spec.user.gid, ...spec.user.groups] : [-1, -1]
  const numbers = Int32Array.from([...spec.stdio, spec.tied === true ? linux.pid : 0, ...who])
  const pid = native.spawn(spec.path, block(spec.args), block(spec.env), spec.directory, numbers)
  if (pid < 0) throw new SysError(-pid, 'exec')
  return pid
}

const reap: Sys['reap'] = () => {
  const status = new Int32Array(1)
  const pid = native.call(native.wait4, -1, status, WNOHANG)
  if (pid <= 0) return null
  const word = status[0] ?? 0
  const signal = word & 0x7f
  return { pid, code: signal === 0 ? (word >> 8) & 0xff : null, signal: signal === 0 ? null : signal }
}

const system: Sys['system'] = () => {
  const bytes = new Uint8Array(6 * 65)
  call('uname', native.uname, bytes)
  const field = (index: number): string => cString(bytes, 65 * index, 65 * index + 65)
  return { name: field(0), hostname: field(1), release: field(2), machine: field(4) }
}

const statfs: Sys['filesystem'] = path => {
  const bytes = new Uint8Array(128)
  call('statfs', native.statfs, path, bytes)
  const at = (offset: number): number => u64(view(bytes), offset)
  const blockSize = at(72) === 0 ? at(8) : at(72)
  return { blockSize, blocks: at(16), free: at(24), available: at(32), files: at(40), filesFree: at(48) }
}

const readLinkAt: Sys['readLinkAt'] = (directory, path) => {
  const bytes = new Uint8Array(4096)
  return native.decode(bytes.subarray(0, call('readlink', native.readlinkat, directory, path, bytes, bytes.length)))
}

const pipe: Sys['pipe'] = () => {
  const ends = new Int32Array(2)
  call('pipe', native.pipe2, ends, native.O_CLOEXEC)
  return [ends[0] ?? -1, ends[1] ?? -1]
}

/** All that netlink answers to one question; it ends with a message of its own. */
const dump = (socket: number): Uint8Array[] => {
  const parts: Uint8Array[] = []
  for (;;) {
    const buffer = new Uint8Array(32_768)
    const part = buffer.subarray(
      0,
      call('recv', native.recvfrom, socket, buffer, buffer.length, 0, undefined, undefined),
    )
    parts.push(part)
    if (endsDump(part)) return parts
  }
}

/** Bytes with an address, none of which are used. */
const nothing = new Uint8Array(1).subarray(0, 0)

const wellFormed = (text: string): string => (text.isWellFormed() ? text : text.toWellFormed())

const decodeBase64: Sys['decodeBase64'] = text => {
  const length = native.decode64(text)
  return length < 0 ? null : text.subarray(0, length)
}

/** The operating system, as the agent has it. */
export const linux: Sys = {
  architecture: system().machine === 'aarch64' ? 'arm64' : 'x64',
  open: {
    readOnly: native.O_RDONLY,
    writeOnly: native.O_WRONLY,
    readWrite: native.O_RDWR,
    create: native.O_CREAT,
    exclusive: native.O_EXCL,
    truncate: native.O_TRUNC,
    append: native.O_APPEND,
    nonBlock: native.O_NONBLOCK,
    directory: native.O_DIRECTORY,
    noFollow: native.O_NOFOLLOW,
    noCtty: native.O_NOCTTY,
    closeOnExec: native.O_CLOEXEC,
    path: native.O_PATH,
  },
  openAt: (directory, path, flags, mode = 0o600) =>
    call('open', native.openat, directory, path, flags | native.O_CLOEXEC, mode),
  close: fd => {
    native.call(native.close, fd)
  },
  read: (fd, into, position) =>
    position === undefined
      ? call('read', native.read, fd, into, into.length)
      : call('read', native.pread64, fd, into, into.length, position),
  write: (fd, bytes, position) =>
    bytes.length === 0
      ? 0
      : position === undefined
        ? call('write', native.write, fd, bytes, bytes.length)
        : call('write', native.pwrite64, fd, bytes, bytes.length, position),
  statOf: fd => stat(fd, '', AT_EMPTY_PATH),
  statAt: (directory, path, follow = false) => stat(directory, path, follow ? 0 : AT_SYMLINK_NOFOLLOW),
  readDirectory,
  readLinkAt,
  makeDirectoryAt: (directory, path, mode) => void call('mkdir', native.mkdirat, directory, path, mode),
  symlinkAt: (target, directory, path) => void call('symlink', native.symlinkat, target, directory, path),
  removeAt: (directory, path, kind) =>
    void call('unlink', native.unlinkat, directory, path, kind === 'directory' ? AT_REMOVEDIR : 0),
  renameAt: (fromDirectory, from, toDirectory, to) =>
    void call('rename', native.renameat2, fromDirectory, from, toDirectory, to, 0),
  truncate: (fd, size) => void call('ftruncate', native.ftruncate, fd, size),
  changeMode: (fd, mode) => void call('fchmod', native.fchmod, fd, mode),
  changeOwner: (fd, uid, gid) => void call('fchown', native.fchown, fd, uid, gid),
  sync: fd => void call('fsync', native.fsync, fd),
  filesystem: statfs,
  lock: fd => {
    const result = native.call(native.flock, fd, LOCK_EXCLUSIVE_NOW)
    if (result < 0 && result !== -11) throw new SysError(-result, 'flock')
    return result === 0
  },
  freeze: fd => void call('freeze', native.ioctl, fd, FIFREEZE, 0),
  thaw: fd => void call('thaw', native.ioctl, fd, FITHAW, 0),
  pipe,
  setNonBlocking: fd => {
    const flags = call('fcntl', native.fcntl, fd, F_GETFL)
    call('fcntl', native.fcntl, fd, F_SETFL, flags | native.O_NONBLOCK)
  },
  spawn,
  reap,
  kill: (pid, signal) => void call('kill', native.kill, pid, signal),
  poll,
  signalDescriptor,
  readSignal,
  notifyBySignal: (fd, on) => {
    const flags = call('fcntl', native.fcntl, fd, F_GETFL)
    if (on) call('fcntl', native.fcntl, fd, F_SETOWN, linux.pid)
    call('fcntl', native.fcntl, fd, F_SETFL, on ? flags | O_ASYNC : flags & ~O_ASYNC)
  },
  makeRaw,
  pid: call('getpid', native.getpid),
  uid: call('geteuid', native.geteuid),
  system,
  networkAddresses: () =>
    addressesFrom(bytes => {
      const socket = call('socket', native.socket, AF_NETLINK, SOCK_RAW | native.O_CLOEXEC, 0)
      try {
        call('send', native.sendto, socket, bytes, bytes.length, 0, undefined, 0)
        return dump(socket)
      } finally {
        native.call(native.close, socket)
      }
    }),
  now: () => Math.floor(clock(CLOCK_REALTIME)),
  monotonic: () => clock(CLOCK_MONOTONIC),
  setTime: milliseconds => void call('clock_settime', native.clock_settime, CLOCK_REALTIME, timespec(milliseconds)),
  exit: code => {
    native.call(native.exit_group, code)
    throw new Error('still here')
  },
  encode: text => native.encode(wellFormed(text), nothing, ''),
  encodeAround: (head, bytes, tail) => native.encode(wellFormed(head), bytes, wellFormed(tail)),
  decode: native.decode,
  toBase64: bytes => native.decode(native.encode('', bytes, '')),
  fromBase64: text => decodeBase64(linux.encode(text)),
  decodeBase64,
  sha256: () => sha256(native.sha256),
  random: length => {
    const bytes = new Uint8Array(length)
    call('getrandom', native.getrandom, bytes, bytes.length, 0)
    return bytes
  },
}
