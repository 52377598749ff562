/** Whether somebody speaks SSH at an address: every server says so before it is asked anything. */
import { connect } from 'node:net'

const MOST_BYTES = 1024
const DEADLINE_MS = 5000

/** False for everything else: nobody there, another protocol, silence. Sends nothing. */
export const speaksSsh = (host: string, port: number, signal: AbortSignal, ms = DEADLINE_MS): Promise<boolean> =>
  new Promise(resolve => {
    if (signal.aborted) return resolve(false)
    const socket = connect({ host, port })
    let said = ''
    const end = (answer: boolean) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
      socket.destroy()
      resolve(answer)
    }
    const giveUp = () => end(false)
    const timer = setTimeout(giveUp, ms)
    signal.addEventListener('abort', giveUp, { once: true })
    socket.on('data', (bytes: Buffer) => {
      said += bytes.toString('latin1')
      // Lines before it are allowed.
      if (/^SSH-\d/m.test(said)) end(true)
      else if (said.length > MOST_BYTES) end(false)
    })
    socket.once('error', giveUp)
    socket.once('close', giveUp)
  })
