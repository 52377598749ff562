/** A guest that means harm: answers what is asked, and between answers sends one kind of flood as fast as its channel takes it. */
import { createServer, type Socket } from 'node:net'
import { CAPABILITIES, SAMPLE } from './simulated-agent.ts'

const MEBIBYTE = 1024 * 1024

const notice = (method: string, params: object) => `${JSON.stringify({ jsonrpc: '2.0', method, params })}\n`
const filled = (line: string) => Buffer.from(line.repeat(Math.ceil(MEBIBYTE / line.length)))

/** What one kind of flood repeats. */
const FLOODS: Readonly<Record<string, Buffer>> = {
  quiet: Buffer.alloc(0),
  telemetry: filled(notice('telemetry', SAMPLE)),
  garbage: filled('\u001b[31m{"jsonrpc":"2.0","id":[[[[\ufffd}\n'),
  'endless line': Buffer.alloc(MEBIBYTE, 'x'),
  'long lines': filled(notice('nothing', { text: 'z'.repeat(700_000) })),
  'foreign answers': filled(`${JSON.stringify({ jsonrpc: '2.0', id: 'somebody-1', result: 'y'.repeat(50_000) })}\n`),
  'command output': filled(notice('exec.output', { id: 1, stream: 'stdout', data: 'A'.repeat(60_000) })),
}

const RESULTS: Readonly<Record<string, unknown>> = {
  'agent.capabilities': CAPABILITIES,
  'telemetry.subscribe': { interval_seconds: 1 },
  'exec.start': { id: 1, pid: 1 },
  'time.set': { time_ms: 0, offset_ms: 0 },
}

const serve = (socket: Socket, flood: Buffer): void => {
  let flooding = false
  const pour = () => {
    while (!socket.destroyed && socket.write(flood));
    if (!socket.destroyed) socket.once('drain', pour)
  }
  let rest = ''
  socket.on('error', () => undefined)
  socket.on('data', (bytes: Buffer) => {
    const lines = (rest + bytes.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines.filter(Boolean)) {
      const { id, method }: { id?: string; method?: string } = JSON.parse(line)
      if (id === undefined || method === undefined) continue
      socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, result: RESULTS[method] ?? {} })}\n`)
      if (method === 'agent.capabilities' || flooding || flood.length === 0) continue
      flooding = true
      pour()
    }
  })
}

const [path = '', kind = ''] = process.argv.slice(2)
createServer(socket => serve(socket, FLOODS[kind] ?? Buffer.alloc(0))).listen(path, () => console.log('listening'))
