/** Computers as they were recorded: files, commands and sockets by name. Nothing of this computer is looked at. */
import type { CommandEnd, FileFacts, LibvirtFacts, Machine, SocketAnswer } from '../machine.ts'
import { NO_LIBVIRT } from '../machine.ts'

export interface Recording {
  readonly kernel?: string
  /** Text of a file; a folder is there when something is in it. */
  readonly files?: Readonly<Record<string, string>>
  /** What is no ordinary file: devices, sockets, empty folders. */
  readonly nodes?: Readonly<Record<string, Partial<FileFacts>>>
  /** What this user may read and write. */
  readonly usable?: readonly string[]
  /** Full paths. */
  readonly programs?: readonly string[]
  /** By the command line, program by its full path; others cannot be started. */
  readonly commands?: Readonly<Record<string, Partial<CommandEnd>>>
  /** By `socket path`, for instance `/run/docker.sock /version`. */
  readonly sockets?: Readonly<Record<string, SocketAnswer>>
  readonly libvirt?: Partial<LibvirtFacts>
  readonly user?: Partial<Machine['user']>
  readonly environment?: Machine['environment']
}

const FILE: FileFacts = { kind: 'file', mode: 0o644, uid: 0, gid: 0 }

/** A later recording wins, file by file. */
export const merged = (...recordings: readonly Recording[]): Recording =>
  recordings.reduce((all, one) => ({
    ...all,
    ...one,
    files: { ...all.files, ...one.files },
    nodes: { ...all.nodes, ...one.nodes },
    usable: [...(all.usable ?? []), ...(one.usable ?? [])],
    programs: [...(all.programs ?? []), ...(one.programs ?? [])],
    commands: { ...all.commands, ...one.commands },
    sockets: { ...all.sockets, ...one.sockets },
    libvirt: { ...all.libvirt, ...one.libvirt },
    user: { ...all.user, ...one.user },
  }))

export const recordedMachine = (recording: Recording): Machine => {
  const { files = {}, nodes = {}, programs = [], commands = {}, sockets = {}, usable = [] } = recording
  const paths = [...Object.keys(files), ...Object.keys(nodes), ...programs]
  const below = (folder: string) => paths.filter(path => path.startsWith(`${folder}/`))
  return {
    platform: 'Linux',
    kernel: recording.kernel ?? '6.1.0-28-amd64',
    files: {
      read: async path => files[path],
      list: async folder => [...new Set(below(folder).map(path => path.slice(folder.length + 1).split('/')[0] ?? ''))],
      stat: async path => {
        const node = nodes[path]
        if (node) return { ...FILE, ...node }
        if (path in files || programs.includes(path)) return FILE
        return below(path).length > 0 ? { ...FILE, kind: 'folder', mode: 0o755 } : undefined
      },
      usable: async path => usable.includes(path),
    },
    commands: {
      find: async name => programs.find(path => path.endsWith(`/${name}`)),
      run: async (program, args) => {
        const end = commands[[program, ...args].join(' ')] ?? commands[program]
        return end && { code: 0, out: '', err: '', ...end }
      },
    },
    sockets: { get: async (socket, path) => sockets[`${socket} ${path}`] ?? { state: 'absent' } },
    user: {
      name: 'ada',
      uid: 1000,
      groups: [1000],
      runtimeFolder: '/run/user/1000',
      home: '/home/ada',
      ...recording.user,
    },
    environment: recording.environment ?? {},
    patience: 1000,
    libvirt: async () => ({ ...NO_LIBVIRT, ...recording.libvirt }),
  }
}
