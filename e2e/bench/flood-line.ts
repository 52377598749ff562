/**
 * A serial line on which everybody who connects can ask for a flood: a program of its own, so that it shares no thread with
 * whoever measures. Listens on the UNIX socket of its first argument. `flood N` sends N lines (0: without end), `stop` ends
 * that, `?word` is answered at once, between two pieces of the flood, and `last word` is answered and ends it.
 *
 * A terminal that shows the flood is asked for its state, which it tells when it has come so far: `#word` asks between two
 * pieces of the flood, `shown N` after N lines, and `size` asks for the place of the last cell. Its answers are left out.
 */
import { chmodSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { answerLine, LAST_CELL, numberedLines, questionLine } from './numbered-lines.ts'

const PIECE = 256

const serve = (socket: Socket): void => {
  let next = 0
  let last = 0
  let typed = ''
  let asks = false
  const pump = (): void => {
    while (next < last && socket.writable) {
      const count = Math.min(PIECE, last - next)
      const room = socket.write(numberedLines(next, count))
      next += count
      if (!room) return
    }
    if (!asks || next < last) return
    asks = false
    socket.write(questionLine('shown'))
  }
  const obey = (line: string): void => {
    const [word = '', argument] = line.split(' ')
    if (word.startsWith('?')) socket.write(answerLine(word.slice(1)))
    if (word.startsWith('#')) socket.write(questionLine(word.slice(1)))
    if (word === 'size') socket.write(LAST_CELL)
    if (word === 'last') socket.write(answerLine(argument ?? ''))
    if (word === 'last' || word === 'stop') last = next
    if (word !== 'flood' && word !== 'shown') return
    asks = word === 'shown'
    next = 0
    last = Number(argument) || Number.POSITIVE_INFINITY
    pump()
  }
  socket.on('drain', pump)
  socket.on('data', chunk => {
    const lines = (typed + chunk.toString('latin1').replace(/\u001b\[[\d;]*[a-zA-Z]/g, '')).split(/[\r\n]+/)
    typed = lines.pop() ?? ''
    for (const line of lines) obey(line)
  })
  // Whoever hangs up takes the flood along.
  socket.on('error', () => socket.destroy())
}

const [path = ''] = process.argv.slice(2)
createServer(serve).listen(path, () => {
  chmodSync(path, 0o777)
  process.stdout.write('ready\n')
})
