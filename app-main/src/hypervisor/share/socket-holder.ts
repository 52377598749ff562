/** Serves a line that this process holds to the user's other Vireo processes. */
import { randomBytes } from 'node:crypto'
import { chmod, rename, rm, stat } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { letGo } from '../../contract/index.ts'
import { toAppError } from '../../libvirt/app-error.ts'
import { createLog } from '../../base/log.ts'
import { encodeError, encodeFrame, encodeTaken, FRAME, FrameDecoder, MAX_FRAME } from './frames.ts'

export interface HeldSocket {
  /** The line is over: nobody new, and those who are here hear of its end. */
  close(): void
  /**
   * The line goes on without this process: those who are here are told how much of their typing it took, so that one of
   * them takes over and types the rest. Resolves when they know.
   */
  leave(): Promise<void>
}

/** Listens on `path`, replacing what a dead process left there. `attach` gives each caller its own end of the line. */
export const holdSocket = async (path: string, attach: () => Duplex): Promise<HeldSocket> => {
  const callers = new Set<Caller>()
  const server = createServer(socket => {
    const caller = serve(socket, attach())
    callers.add(caller)
    socket.on('close', () => callers.delete(caller))
  })
  // A server removes the file it was bound to when it closes. It must not remove that of a successor, so it is bound
  // elsewhere and moved, and what is removed is looked at first.
  const own = `${path}.${randomBytes(4).toString('hex')}`
  await listen(server, own)
  await chmod(own, 0o600)
  const { ino } = await stat(own)
  await rename(own, path)
  const close = () => {
    server.close()
    void removeOwn(path, ino)
  }
  return {
    close,
    async leave() {
      close()
      await Promise.all([...callers].map(caller => caller.leave()))
    },
  }
}

/** What stays behind by a failure here is what a killed process leaves: the next holder replaces it. */
const removeOwn = async (path: string, ino: number): Promise<void> => {
  try {
    if ((await stat(path)).ino === ino) await rm(path)
  } catch (error) {
    log.debug('a socket was not removed', { path, error })
  }
}

const log = createLog('share')

const listen = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      server.on('error', () => server.close())
      resolve()
    })
  })

interface Caller {
  leave(): Promise<void>
}

/** How long what was typed may take to reach the line when the holder leaves, in milliseconds. */
const LEAVE_MS = 500

const serve = (socket: Socket, line: Duplex): Caller => {
  let over = false
  socket.write(encodeFrame(FRAME.hello))
  line.on('data', (bytes: Buffer) => {
    let room = true
    for (let at = 0; at < bytes.length; at += MAX_FRAME)
      room = socket.write(encodeFrame(FRAME.data, bytes.subarray(at, at + MAX_FRAME)))
    letGo(bytes)
    if (!room) line.pause()
  })
  socket.on('drain', () => line.resume())
  const finish = (last: Buffer) => {
    if (over) return
    over = true
    socket.end(last)
  }
  const input = takeInput(socket, line)
  line.on('end', () => finish(encodeFrame(FRAME.end)))
  line.on('error', error => finish(encodeError(toAppError(error))))
  socket.on('error', () => socket.destroy())
  socket.on('close', () => line.destroy())
  return {
    async leave() {
      await Promise.race([input.stop(), sleep(LEAVE_MS, undefined, { ref: false })])
      finish(encodeFrame(FRAME.leaving))
    },
  }
}

/** Brings what the caller types to the line, and tells it how far that got. */
const takeInput = (socket: Socket, line: Duplex): { stop(): Promise<void> } => {
  const decoder = new FrameDecoder()
  let stopped = false
  let underWay = 0
  let idle: () => void = () => undefined
  const take = (payload: Buffer) => {
    underWay++
    line.write(payload, error => {
      underWay--
      if (!error && !socket.writableEnded) socket.write(encodeTaken(payload.length))
      if (underWay === 0) idle()
    })
  }
  socket.on('data', bytes => {
    if (stopped) return
    try {
      for (const { type, payload } of decoder.push(bytes)) if (type === FRAME.data) take(payload)
    } catch {
      socket.destroy()
      return
    }
    if (!line.writableNeedDrain) return
    socket.pause()
    line.once('drain', () => socket.resume())
  })
  return {
    stop() {
      stopped = true
      return underWay === 0 ? Promise.resolve() : new Promise(resolve => (idle = resolve))
    },
  }
}
