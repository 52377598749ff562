/** Who is logged in, who could, and their passwords. */
import { vireo } from '../../protocol/index.ts'
import { namesIn, readBytes, readText } from '../files.ts'
import { handle, type Method, type MethodContext } from '../method.ts'
import { RpcError } from '../rpc-error.ts'
import { failedWith, type Sys } from '../sys.ts'
import { allUsers, findUser } from '../users.ts'
import { complaintOf, runTool } from './programs.ts'

type Session = vireo.ResultOf<typeof vireo.usersList>['sessions'][number]

const USER_PROCESS = 7
const TOOL_MS = 30_000

/** utmp(5): where a record's time stands and how long it is, which depends on the processor's `long`. */
const layouts: Readonly<Record<string, { size: number; time: number }>> = {
  x64: { size: 384, time: 340 },
  arm64: { size: 400, time: 344 },
}

export const parseUtmp = (
  bytes: Uint8Array,
  architecture: string,
  decode: (bytes: Uint8Array) => string,
): Session[] => {
  const { size, time } = layouts[architecture] ?? { size: 384, time: 340 }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const sessions: Session[] = []
  for (let at = 0; at + size <= bytes.length; at += size) {
    if (view.getInt16(at, true) !== USER_PROCESS) continue
    const field = (offset: number, length: number): string => {
      const raw = bytes.subarray(at + offset, at + offset + length)
      const end = raw.indexOf(0)
      return decode(end < 0 ? raw : raw.subarray(0, end))
    }
    const login_at_ms = view.getInt32(at + time, true) * 1000
    sessions.push({ name: field(44, 32), login_at_ms, terminal: field(8, 32) || null, host: field(76, 256) })
  }
  return sessions
}

const logindFolder = '/run/systemd/sessions'

/** A newer guest writes no utmp. One file a session, lines of `NAME=value`. */
export const parseSession = (text: string): Session | null => {
  const value = (name: string): string | null => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? null
  const [name, since] = [value('USER'), value('REALTIME')]
  if (name === null || !(value('CLASS') ?? '').startsWith('user')) return null
  if (value('STATE') === 'closing') return null
  return {
    name,
    // Microseconds.
    login_at_ms: since === null || !/^\d{1,18}$/.test(since) ? null : Math.trunc(Number(since) / 1000),
    terminal: value('TTY'),
    host: value('REMOTE_HOST') ?? '',
  }
}

const utmp = (sys: Sys): Uint8Array | null => {
  for (const path of ['/run/utmp', '/var/run/utmp']) {
    try {
      return readBytes(sys, path)
    } catch (error) {
      if (!failedWith(error, 'ENOENT', 'EACCES')) throw error
    }
  }
  return null
}

const sessionsOf = (sys: Sys): Session[] => {
  const records = utmp(sys)
  if (records !== null) return parseUtmp(records, sys.architecture, bytes => sys.decode(bytes))
  const files = namesIn(sys, logindFolder).filter(name => !name.endsWith('.ref'))
  return files.flatMap(name => parseSession(readText(sys, `${logindFolder}/${name}`) ?? '') ?? [])
}

const canLogIn = (shell: string): boolean => !/\/(nologin|false|sync|halt|shutdown)$/.test(shell)

const list = handle(vireo.usersList, {
  run: (_, { sys }) => ({
    sessions: sessionsOf(sys),
    accounts: allUsers(sys)
      .filter(user => (user.uid === 0 || (user.uid >= 1000 && user.uid !== 65_534)) && canLogIn(user.shell))
      .map(({ name, uid, home, shell }) => ({ name, uid, home, shell })),
  }),
})

const tool = async (context: MethodContext, args: [string, ...string[]], input?: string): Promise<void> => {
  const stdin = input === undefined ? {} : { stdin: context.sys.encode(input) }
  const end = await runTool(context, { args, timeout: TOOL_MS, ...stdin })
  if (end.code !== 0) throw new RpcError('failed', `${args[0]} failed: ${complaintOf(context, end)}`)
}

const setPassword = handle(vireo.passwordSet, {
  unprivileged: false,
  cost: 'command',
  audit: ['user', 'expire'],
  run: async ({ user, password, hash, expire }, context) => {
    const account = findUser(context.sys, user)
    if (account === null) throw new RpcError('notFound', `No such user: ${user}`)
    const line = `${account.name}:${password ?? hash}\n`
    await tool(context, hash === undefined ? ['chpasswd'] : ['chpasswd', '-e'], line)
    if (expire) await tool(context, ['chage', '-d', '0', account.name])
    return {}
  },
})

export const accountMethods: readonly Method[] = [list, setPassword]
