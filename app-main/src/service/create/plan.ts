/** What making a machine would do, in words and documents. */
import { basename } from 'node:path'
import type { ConnectionUri, CreateDraft, CreatePlan } from '../../contract/index.ts'
import { seedDocuments } from '../../cloud-init/index.ts'
import type { Creation, NewVolume } from '../../hypervisor/creation.ts'
import type { Decided } from './decide.ts'
import { draftFile } from './draft-file.ts'
import type { Surroundings } from './surroundings.ts'

/** As a POSIX shell wants it. */
const quoted = (word: string): string =>
  /^[\w.@%+=:,/-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
const line = (...words: readonly string[]): string => words.map(quoted).join(' ')

const volumeLine = (uri: string, { pool, name, format, capacityBytes, base }: NewVolume): string =>
  line(
    ...['virsh', '-c', uri, 'vol-create-as', pool, name, `${capacityBytes}b`, '--format', format],
    ...(base ? ['--backing-vol', base.path, '--backing-vol-format', base.format] : []),
  )

interface Wish {
  readonly uri: ConnectionUri
  readonly draft: CreateDraft
}

/** What is taken out of an installation medium that is answered. */
const installLines = (iso: string, { install }: Decided): string[] => {
  const [kernel, ramdisk] = [install?.answers.kernel[0], install?.answers.ramdisk[0]]
  if (!install || kernel === undefined || ramdisk === undefined) return []
  return [
    line('xorriso', '-osirrox', 'on', '-indev', iso, '-extract', kernel, 'kernel', '-extract', ramdisk, 'ramdisk'),
    ...(install.answers.initrd.length > 0 ? ['echo preseed.cfg | cpio -o -H newc >>ramdisk'] : []),
  ]
}

const commandsOf = (
  { source, pool, copy }: Surroundings,
  decided: Decided,
  { uri, draft: { source: words, start, autostart } }: Wish,
): string[] => {
  const { spec, disks, seedVolume, led } = decided
  const virsh = (...args: readonly string[]) => line('virsh', '-c', uri, ...args)
  const built = source.kind === 'image' ? source.builds : undefined
  const bring = built === undefined ? line('vireo', 'image', 'fetch', words) : line('vireo', 'image', 'build', built)
  return [
    ...(source.pending === undefined ? [] : [bring]),
    ...(pool.forFolder === 'new'
      ? [
          virsh('pool-define-as', pool.name, 'dir', '--target', pool.path),
          virsh('pool-autostart', pool.name),
          virsh('pool-start', pool.name),
        ]
      : []),
    ...(copy
      ? [
          virsh('vol-create-as', pool.name, copy.name, `${copy.bytes}b`, '--format', 'raw'),
          virsh('vol-upload', '--pool', pool.name, copy.name, source.path),
        ]
      : []),
    ...disks.map(disk => volumeLine(uri, disk)),
    ...(seedVolume === null
      ? []
      : [
          'xorriso -as mkisofs -output seed.iso -volid cidata -joliet -rational-rock user-data meta-data network-config',
          virsh('vol-create-as', pool.name, seedVolume, '1M', '--format', 'raw'),
          virsh('vol-upload', '--pool', pool.name, seedVolume, 'seed.iso'),
        ]),
    ...installLines(source.path, decided),
    virsh('define', basename(`${spec.name}.xml`)),
    // Its definition of this one run names kernel and ramdisk.
    ...(decided.install ? [virsh('create', `${spec.name}-install.xml`)] : []),
    ...(start ? [virsh('start', spec.name)] : []),
    ...(autostart ? [virsh('autostart', spec.name)] : []),
    ...led.map(({ port, guestPort, guestAddress }) =>
      line(
        ...['vireo', 'forward', 'add', spec.name, String(port), String(guestPort)],
        ...(guestAddress === null ? [] : ['--guest-address', guestAddress]),
      ),
    ),
  ]
}

const copiedOf = ({ source: { path }, obstacle }: Surroundings): Pick<CreatePlan, 'copied'> => {
  if (!obstacle?.user) return {}
  const { user, paths, commands } = obstacle
  return { copied: { path, user, obstacles: [...paths], commands: [...commands] } }
}

/** Throws what making it would throw before anything is made. */
export const planOf = (creation: Creation, around: Surroundings, decided: Decided, wish: Wish): CreatePlan => {
  const { spec, hostname, seed, files } = decided
  const documents = seed === null ? null : seedDocuments(seed)
  return {
    ...{ name: spec.name, connection: wish.uri, hostname, user: seed?.user?.name ?? null },
    ...{ cpus: spec.cpus, memoryBytes: spec.memoryBytes, firmware: spec.firmware, accelerated: spec.accelerated },
    ...{ osId: spec.osId, taken: around.source.taken ?? null, pool: around.pool.name, files: [...files] },
    domainXml: creation.xml({ ...spec, screenPassword: '********' }, around.host),
    seed:
      documents === null
        ? null
        : {
            userData: decided.install?.answers.userData ?? documents.userData,
            metaData: documents.metaData,
            networkConfig: decided.install?.answers.networkConfig ?? documents.networkConfig,
          },
    ...(decided.install ? { answerFile: decided.install.answers.text } : {}),
    ...copiedOf(around),
    file: draftFile(wish.draft),
    commands: commandsOf(around, decided, wish),
    warnings: [...decided.warnings, ...(documents?.warnings ?? [])],
  }
}
