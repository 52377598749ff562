/** A socket between Vireo and a daemon that lets everything through and tells what passes. */
import { chmod, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { FrameReader } from '../../app-main/src/libvirt/wire/frame-reader.ts'

/** Bytes after the length: program, version, procedure, type, serial, status. */
export interface Passing {
  readonly program: number
  readonly procedure: number
  /** 0 a call, 1 a reply, 2 an event, 3 stream data. */
  readonly type: number
  /** `performance.now()` of this process. */
  readonly at: number
}

export interface Tap extends AsyncDisposable {
  readonly socket: string
  /** Calls that went to the daemon and events that came from it. */
  onPassing: (passing: Passing) => void
}

const readPassing = (frame: Buffer): Passing => ({
  program: frame.readUInt32BE(4),
  procedure: frame.readUInt32BE(12),
  type: frame.readUInt32BE(16),
  at: performance.now(),
})

/** Forwards first and looks after, so that looking delays nothing. */
const forward = (from: Socket, to: Socket, tell: (passing: Passing) => void): void => {
  const frames = new FrameReader()
  from.on('data', chunk => {
    if (!to.write(chunk)) from.pause()
    for (const frame of frames.push(chunk)) tell(readPassing(frame))
  })
  to.on('drain', () => from.resume())
  from.on('close', () => to.destroy())
  // The close that follows is all that matters.
  from.on('error', () => undefined)
}

/** Listens on `path` in front of `daemonSocket`. Descriptors do not get through. */
export const tap = async (path: string, daemonSocket: string): Promise<Tap> => {
  const sockets = new Set<Socket>()
  const server = createServer(client => {
    const daemon = connect(daemonSocket)
    for (const socket of [client, daemon]) sockets.add(socket)
    const tell = (passing: Passing) => made.onPassing(passing)
    forward(client, daemon, passing => passing.type === 0 && tell(passing))
    forward(daemon, client, passing => passing.type === 2 && tell(passing))
  })
  await new Promise<void>(resolve => server.listen(path, resolve))
  await chmod(path, 0o777)
  const made: Tap = {
    socket: path,
    onPassing: () => undefined,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
      await rm(path, { force: true })
    },
  }
  return made
}
