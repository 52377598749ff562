/** This computer, read as the user that Vireo runs as. */
import { constants } from 'node:fs'
import { access, open, readdir, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { homedir, release, userInfo } from 'node:os'
import { join } from 'node:path'
import type { FileFacts, HostFiles, HostUser, LibvirtFacts, Machine, SocketAnswer } from './machine.ts'
import { runCommand } from './run-command.ts'

const MOST_BYTES = 1024 * 1024
/** Folders for administrators count, although an ordinary user's PATH leaves them out. */
const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin', '/snap/bin']

/** At most a mebibyte: what detection reads is small, and a pipe or a device at a well-known place must not hold it up. */
const readSmall = async (path: string): Promise<string | undefined> => {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      if (!(await file.stat()).isFile()) return undefined
      const chunks: Buffer[] = []
      let at = 0
      for (;;) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(64 * 1024), 0, 64 * 1024)
        if (bytesRead === 0 || at > MOST_BYTES) break
        chunks.push(buffer.subarray(0, bytesRead))
        at += bytesRead
      }
      return Buffer.concat(chunks).toString('utf8')
    } finally {
      await file.close()
    }
  } catch {
    return undefined
  }
}

const factsOf = async (path: string): Promise<FileFacts | undefined> => {
  try {
    const found = await stat(path)
    const kind = found.isFile()
      ? 'file'
      : found.isDirectory()
        ? 'folder'
        : found.isSocket()
          ? 'socket'
          : found.isCharacterDevice()
            ? 'device'
            : 'other'
    return { kind, mode: found.mode & 0o7777, uid: found.uid, gid: found.gid }
  } catch {
    return undefined
  }
}

const may = (path: string, mode: number): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  )

export const realFiles: HostFiles = {
  read: readSmall,
  list: folder => readdir(folder).catch(() => []),
  stat: factsOf,
  usable: path => may(path, constants.R_OK | constants.W_OK),
}

const TROUBLES: Readonly<Record<string, Exclude<SocketAnswer['state'], 'answered'>>> = {
  ENOENT: 'absent',
  ENOTDIR: 'absent',
  ECONNREFUSED: 'refused',
  EACCES: 'denied',
  EPERM: 'denied',
}

const parsed = (status: number, text: string): SocketAnswer => {
  try {
    return { state: 'answered', status, body: JSON.parse(text) as unknown }
  } catch {
    return { state: 'nonsense' }
  }
}

/** Asks a daemon behind a UNIX socket; what it says is bounded in time and size. */
export const getOverSocket = (socketPath: string, path: string, ms: number): Promise<SocketAnswer> =>
  new Promise(resolve => {
    const asking = request({ socketPath, path, method: 'GET', headers: { host: 'localhost' }, agent: false })
    const end = (answer: SocketAnswer) => {
      clearTimeout(late)
      asking.destroy()
      resolve(answer)
    }
    const late = setTimeout(() => end({ state: 'silent' }), ms)
    asking.once('response', response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
        if (text.length > MOST_BYTES) end({ state: 'nonsense' })
      })
      response.once('error', () => end({ state: 'nonsense' }))
      response.once('end', () => end(parsed(response.statusCode ?? 0, text)))
    })
    asking.on('error', (error: NodeJS.ErrnoException) => end({ state: TROUBLES[error.code ?? ''] ?? 'nonsense' }))
    asking.end()
  })

const findProgram = async (name: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> => {
  const folders = new Set([...(environment['PATH'] ?? '').split(':').filter(one => one.startsWith('/')), ...FOLDERS])
  for (const folder of folders) if (await may(join(folder, name), constants.X_OK)) return join(folder, name)
  return undefined
}

const loginName = (): string => {
  try {
    return userInfo().username
  } catch {
    return `${process.getuid?.() ?? 0}`
  }
}

const currentUser = (environment: NodeJS.ProcessEnv): HostUser => ({
  name: loginName(),
  uid: process.getuid?.() ?? 0,
  groups: [...new Set([...(process.getgroups?.() ?? []), process.getgid?.() ?? 0])],
  runtimeFolder: environment['XDG_RUNTIME_DIR'],
  home: environment['HOME'] || homedir(),
})

/** @param libvirt asks libvirt's system daemon; the service brings it, because this box does not speak its protocol */
export const realMachine = (
  libvirt: (ms: number) => Promise<LibvirtFacts>,
  environment: NodeJS.ProcessEnv = process.env,
): Machine => ({
  platform: process.platform === 'linux' ? 'Linux' : process.platform,
  kernel: release(),
  files: realFiles,
  commands: { find: name => findProgram(name, environment), run: runCommand },
  sockets: { get: getOverSocket },
  user: currentUser(environment),
  environment,
  patience: 5000,
  libvirt,
})
