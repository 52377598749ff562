/** Well-behaved agents, as many as connect: each answers what is asked and measures at the interval it is told. */
import { createServer, type Socket } from 'node:net'
import { CAPABILITIES, SAMPLE } from './simulated-agent.ts'

/** As much as a small server has to tell. */
const FULL_SAMPLE = {
  ...SAMPLE,
  filesystems: ['/', '/boot', '/home'].map(mount_point => ({
    ...{
      mount_point,
      device: '/dev/vda1',
      fs_type: 'ext4',
      total_bytes: 4e10,
      used_bytes: 1e10,
      available_bytes: 3e10,
    },
    used_percent: 25,
  })),
  interfaces: ['lo', 'eth0'].map(name => ({
    ...{ name, mac: '52:54:00:12:34:56', addresses: ['192.168.122.17/24', 'fe80::5054:ff:fe12:3456/64'], up: true },
    ...{ mtu: 1500, received_bytes: 1e9, sent_bytes: 1e8, received_packets: 1e6, sent_packets: 1e6 },
    ...{ receive_errors: 0, send_errors: 0 },
  })),
}

const results = (interval: unknown): Readonly<Record<string, unknown>> => ({
  'agent.capabilities': { ...CAPABILITIES, methods: ['telemetry.get', 'telemetry.subscribe'] },
  'telemetry.subscribe': { interval_seconds: interval },
})

const serve = (socket: Socket): void => {
  let timer: NodeJS.Timeout | undefined
  let rest = ''
  const tell = () => {
    const params = { ...FULL_SAMPLE, time_ms: Date.now() }
    socket.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'telemetry', params })}\n`)
  }
  socket.on('error', () => undefined)
  socket.on('close', () => clearInterval(timer))
  socket.on('data', (bytes: Buffer) => {
    const lines = (rest + bytes.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines.filter(Boolean)) {
      const {
        id,
        method = '',
        params,
      }: { id?: string; method?: string; params?: { interval_seconds?: number } } = JSON.parse(line)
      if (id === undefined) continue
      const interval = params?.interval_seconds ?? 5
      socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, result: results(interval)[method] ?? {} })}\n`)
      if (method !== 'telemetry.subscribe') continue
      clearInterval(timer)
      timer = setInterval(tell, interval * 1000)
      tell()
    }
  })
}

createServer(serve).listen(process.argv[2] ?? '', () => console.log('listening'))
