/** A node of the test driver that several connections share, so that what virsh changes, Vireo sees. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { privateDaemon, type PrivateDaemon } from '../fixture/private-daemon.ts'
import { testNodeXml } from '../fixture/test-node.ts'
import { startVirsh, type Virsh } from './peer.ts'

export interface SharedNode extends AsyncDisposable {
  readonly daemon: PrivateDaemon
  readonly uri: string
  /** Connected to the node, and the reason it lives: it goes with its last connection. */
  readonly virsh: Virsh
}

/** Only `test:///default` is shared; it begins with one domain, to which these are added. */
export const sharedNode = async (options: { domains: number; running: number }): Promise<SharedNode> => {
  const daemon = await privateDaemon()
  const folder = await mkdtemp(join(tmpdir(), 'vireo-bench-'))
  await chmod(folder, 0o755)
  const virsh = startVirsh(daemon.testUri.replace('test:', 'test+unix:'))
  const node: SharedNode = {
    ...{ daemon, virsh, uri: daemon.testUri },
    async [Symbol.asyncDispose]() {
      await virsh.end()
      await daemon.stop()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
  try {
    const domains = testNodeXml(options).match(/<domain [^]*?<\/domain>/g) ?? []
    const lines: string[] = []
    for (const [index, xml] of domains.slice(1).entries()) {
      const file = join(folder, `${index}.xml`)
      await writeFile(file, xml)
      lines.push(`define ${file}`)
      if (index + 1 < options.running) lines.push(`start ${/<name>(.*)<\/name>/.exec(xml)?.[1] ?? ''}`)
    }
    await virsh.type(lines)
    return node
  } catch (error) {
    await node[Symbol.asyncDispose]()
    throw error
  }
}
