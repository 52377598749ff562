/** Installing a system from its medium, without anybody who answers. */
import { join } from 'node:path'
import type { MachineSpec } from '../../hypervisor/creation.ts'
import type { Operation } from '../../hypervisor/driver.ts'
import type { Install } from './decide.ts'
import { installerFiles } from './installer-files.ts'
import type { Making } from './make.ts'
import { mustBeGood } from './answers-checked.ts'

/** Makes a volume of these bytes. */
export const fillVolume = async (
  { creation, around, undo }: Making,
  name: string,
  bytes: Buffer,
  { signal }: Operation,
) => {
  const pool = around.pool.name
  undo.push(name, () => creation.removeVolume(pool, name))
  await creation.createVolume({ pool, name, format: 'raw', capacityBytes: bytes.length })
  const chunks = async function* () {
    yield bytes
  }
  await creation.upload(pool, name, chunks(), signal)
}

/** Its answers lie only in the ramdisk and on the seed, which nobody else may read. */
export const prepareInstaller = async (making: Making, install: Install, operation: Operation): Promise<void> => {
  const { creation, around } = making
  operation.progress('Preparing the installer')
  await mustBeGood(install, operation.signal)
  const { kernel, ramdisk } = await installerFiles(around.source.path, install.answers, operation.signal)
  for (const [name, bytes] of [
    [install.volumes.kernel, kernel],
    [install.volumes.ramdisk, ramdisk],
  ] as const) {
    operation.signal.throwIfAborted()
    await fillVolume(making, name, bytes, operation)
  }
  // Whatever the host cannot give is refused before anything runs.
  creation.xml(installSpec(making, install), around.host)
}

const installSpec = ({ decided, around }: Making, { volumes, answers }: Install): MachineSpec => {
  const path = (name: string) => join(around.pool.path, name)
  const { commandLine } = answers
  return {
    ...decided.spec,
    install: { kernel: path(volumes.kernel), ramdisk: path(volumes.ramdisk), commandLine },
  }
}

/** The machine has its system afterwards, and is off. */
export const runInstaller = async (making: Making, install: Install, operation: Operation): Promise<void> => {
  const { creation, around, decided } = making
  operation.progress('Installing the system; its screen or its serial line shows how far it is')
  await creation.install(decided.spec.uuid, creation.xml(installSpec(making, install), around.host), operation)
  for (const name of Object.values(install.volumes)) await creation.removeVolume(around.pool.name, name)
}
