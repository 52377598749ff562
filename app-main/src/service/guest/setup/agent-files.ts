/** What is copied into a guest: the agent's program and what starts it, as they lie beside Vireo. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RemoteError } from '../../../contract/index.ts'

export interface AgentFiles {
  readonly binary: Buffer
  /** Of the program, in hexadecimal. */
  readonly sha256: string
  readonly systemdUnit: Buffer
  readonly openRcScript: Buffer
  readonly config: Buffer
}

export type LoadAgentFiles = () => Promise<AgentFiles>

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Rejects with `not-found`, and how to make them, when they are not there. */
export const agentFilesIn =
  (folder: string | undefined): LoadAgentFiles =>
  async () => {
    const read = async (name: string): Promise<Buffer> => {
      try {
        if (folder === undefined) throw new Error('no folder')
        return await readFile(join(folder, name))
      } catch (cause) {
        const message = `The agent’s program was not built for this Vireo (${name} is missing).`
        const hint = 'In Vireo’s folder, run “npm run build:agent” once; it needs gcc.'
        throw new RemoteError({ kind: 'not-found', message, hint }, { cause })
      }
    }
    const binary = await read('vireo-agent-linux-x64')
    return {
      ...{ binary, sha256: sha256Of(binary) },
      systemdUnit: await read('vireo-agent.service'),
      openRcScript: await read('vireo-agent.openrc'),
      config: await read('config.json'),
    }
  }

/** Where they go in the guest. */
export interface GuestPlaces {
  /** Before every path: empty but in tests. */
  readonly root: string
  readonly binary: string
  readonly fresh: string
  readonly config: string
  /** Folders of the administrator's hooks. */
  readonly hooks: readonly string[]
  readonly unit: Readonly<Record<'systemd' | 'openrc', string>>
  /** Where what is replaced is kept until the end. */
  readonly scratch: string
}

export const guestPlaces = (root = ''): GuestPlaces => ({
  root,
  binary: `${root}/usr/sbin/vireo-agent`,
  fresh: `${root}/usr/sbin/.vireo-agent.new`,
  config: `${root}/etc/vireo-agent/config.json`,
  hooks: ['pre-freeze.d', 'post-thaw.d'].map(name => `${root}/etc/vireo-agent/${name}`),
  unit: {
    systemd: `${root}/etc/systemd/system/vireo-agent.service`,
    openrc: `${root}/etc/init.d/vireo-agent`,
  },
  scratch: `${root}/var/tmp`,
})
