/** Programs that stand beside each other: long-lived processes which do one piece of work per command. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'

export interface Peer {
  readonly name: string
  /** Milliseconds that one piece of work took. Throws when it did not do all of it. */
  run(command: string): Promise<number>
  end(): Promise<void>
}

/** Milliseconds until a peer that does not answer fails the benchmark. */
const DEADLINE = 60_000
/** Milliseconds until one that was asked to end is killed. */
const END_MS = 5000

export interface Talk {
  write(text: string): void
  /** All that was said since the last call, as soon as `complete` finds its end in it. */
  hear(complete: (said: string) => boolean): Promise<string>
  end(): Promise<void>
}

export const talk = (name: string, child: ChildProcessWithoutNullStreams): Talk => {
  let said = ''
  let complaint = ''
  let check = (): void => undefined
  let ended = false
  const closed = new Promise<void>(resolve => {
    child.on('close', () => {
      ended = true
      resolve()
      check()
    })
  })
  child.on('error', error => (complaint += error.message))
  // Whoever ends early is judged by what it said.
  child.stdin.on('error', () => undefined)
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    check()
  })
  child.stderr.on('data', (text: Buffer) => (complaint = (complaint + text.toString()).slice(-2000)))
  const hear: Talk['hear'] = async complete =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${name} does not answer: ${said.slice(-300)}`)), DEADLINE)
      check = () => {
        if (!complete(said) && !ended) return
        clearTimeout(timer)
        check = () => undefined
        if (!complete(said)) return reject(new Error(`${name} ended: ${complaint.trim()}`))
        const heard = said
        said = ''
        return resolve(heard)
      }
      check()
    })
  return {
    hear,
    write: text => void child.stdin.write(text),
    async end() {
      child.stdin.end()
      const late = setTimeout(() => child.kill('SIGKILL'), END_MS)
      await closed
      clearTimeout(late)
    },
  }
}

/** A peer that measures itself: answers each command with `{"ms":…,"count":…}` on a line. */
export const linePeer = (name: string, command: string, args: readonly string[], expected: number): Peer => {
  const { write, hear, end } = talk(name, spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] }))
  return {
    name,
    end,
    async run(work) {
      write(`${work}\n`)
      const { ms, count } = JSON.parse(await hear(said => said.endsWith('\n'))) as { ms: number; count: number }
      if (count !== expected) throw new Error(`${name}: ${work} gave ${count} instead of ${expected}`)
      return ms
    },
  }
}

export interface Virsh {
  /** Types these lines and gives the milliseconds until the last one is done. Throws what virsh complains about. */
  type(lines: readonly string[]): Promise<number>
  end(): Promise<void>
}

/** One interactive virsh, measured from the outside, so that neither its start nor its connecting counts. */
export const startVirsh = (uri: string): Virsh => {
  const env = { ...process.env, LC_ALL: 'C' }
  const { write, hear, end } = talk('virsh', spawn('virsh', ['-c', uri], { stdio: ['pipe', 'pipe', 'pipe'], env }))
  let turn = 0
  return {
    end,
    async type(lines) {
      const mark = `done-${turn++}`
      const start = performance.now()
      write(`${[...lines, `echo ${mark}`].join('\n')}\n`)
      const said = await hear(text => text.includes(`\n${mark}\n`))
      const ms = performance.now() - start
      const complaint = said.indexOf('error:')
      if (complaint >= 0) throw new Error(`virsh: ${said.slice(complaint, complaint + 300)}`)
      return ms
    },
  }
}

/** @param commands what virsh calls each piece of work */
export const virshPeer = (uri: string, commands: Readonly<Record<string, readonly string[]>>): Peer => {
  const virsh = startVirsh(uri)
  return { name: 'virsh', run: async work => virsh.type(commands[work] ?? []), end: virsh.end }
}

/** Lets every peer do the same work in turn, the first one changing from round to round: drift hits all of them. */
export const inTurns = async (
  rounds: number,
  contestants: ReadonlyMap<string, () => Promise<number>>,
): Promise<ReadonlyMap<string, readonly number[]>> => {
  const samples = new Map([...contestants.keys()].map(name => [name, [] as number[]]))
  const order = [...contestants]
  // Nobody is judged by the first time: compilers and caches warm up.
  for (const [, work] of order) await work()
  for (let round = 0; round < rounds; round++) {
    for (const [name, work] of order) samples.get(name)?.push(await work())
    order.push(...order.splice(0, 1))
  }
  return samples
}
