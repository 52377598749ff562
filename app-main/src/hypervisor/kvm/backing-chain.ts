/** Which files a qcow2 disk of this computer is built on. Reads headers only, and opens nothing that is no plain file. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, isAbsolute, resolve } from 'node:path'

const MOST_LINKS = 32
const MOST_NAME = 1023
const PROTOCOL = /^(?:json|[a-z][a-z0-9+.-]*):/

/** The name that stands in its header; null for none, for what is no qcow2, and where it cannot be read. */
const backingName = async (path: string): Promise<string | null> => {
  try {
    // A pipe of this name must not keep us waiting.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      if (!(await file.stat()).isFile()) return null
      const head = Buffer.alloc(20)
      const { bytesRead } = await file.read(head, 0, head.length, 0)
      if (bytesRead < head.length || head.readUInt32BE(0) !== 0x514649fb) return null
      const [at, length] = [head.readBigUInt64BE(8), head.readUInt32BE(16)]
      if (at === 0n || at > BigInt(Number.MAX_SAFE_INTEGER) || length === 0 || length > MOST_NAME) return null
      const name = Buffer.alloc(length)
      const read = await file.read(name, 0, length, Number(at))
      return read.bytesRead === length ? name.toString('utf8') : null
    } finally {
      await file.close()
    }
  } catch {
    // What this user may not read is known from the pools where it matters.
    return null
  }
}

/** Paths, the nearest first; names that are no files of this computer end it. */
export const backingChain = async (path: string): Promise<string[]> => {
  const chain: string[] = []
  for (let at = path; isAbsolute(at) && chain.length < MOST_LINKS;) {
    const name = await backingName(at)
    if (name === null || name.includes('\0')) break
    const plain = name.startsWith('file:') ? name.slice(5) : name
    if (PROTOCOL.test(plain)) break
    at = resolve(dirname(at), plain)
    if (chain.includes(at)) break
    chain.push(at)
  }
  return chain
}
