/** Makes a disk that BIOS and UEFI both start from, of a folder that holds a Debian or Ubuntu system. Runs as root. */
import { copyFile, mkdir, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { RemoteError } from '../contract/index.ts'
import type { Architecture } from './catalogue.ts'
import { lastWords, needTool, runTool } from './run-tool.ts'

export const ROOT_LABEL = 'vireo-root'
const SECTOR = 512
const MIB = 1024 * 1024
/** Where the parts of the disk are, bytes. The root comes last, so that it can grow with the disk. */
const BIOS_AT = MIB
const ESP_AT = 2 * MIB
const ESP_SIZE = 100 * MIB
const ROOT_AT = ESP_AT + ESP_SIZE

/**
 * The console of a person at the screen, and the one that Vireo reads. Where the guest is emulated by a busy computer, the
 * kernel's test of its timer would be answered too late, and it would stop there; with KVM it leaves that test out itself.
 */
const KERNEL_WORDS = 'console=tty0 console=ttyS0,115200 no_timer_check'
export const KERNEL_LINE = `root=LABEL=${ROOT_LABEL} ro ${KERNEL_WORDS}`

export interface BootDisk {
  /** The system's files, with their owners. */
  readonly root: string
  readonly disk: string
  readonly distribution: 'debian' | 'ubuntu'
  readonly architecture: Architecture
  /** Of the root file system, bytes. */
  readonly size: number
  readonly signal: AbortSignal
}

const run = async (program: string, args: readonly string[], signal: AbortSignal): Promise<void> => {
  const end = await runTool(program, args, { signal, ms: 600_000 })
  if (end.code !== 0)
    throw new RemoteError({ kind: 'precondition', message: `The disk cannot be made: ${program}: ${lastWords(end)}` })
}

/** Loads the kernel that the distribution's own links point to, so that it outlives updates of the kernel. */
const GRUB_CONFIG = `search --no-floppy --label --set=root ${ROOT_LABEL}
serial --unit=0 --speed=115200
terminal_input console serial
terminal_output console serial
set timeout=0
set folder=
if [ -e /boot/vmlinuz ]; then set folder=/boot; fi
menuentry 'Linux' {
  linux $folder/vmlinuz ${KERNEL_LINE}
  initrd $folder/initrd.img
}
`
/** For update-grub, which replaces ours when the guest's kernel is updated. */
const GRUB_DEFAULT = `GRUB_DEFAULT=0
GRUB_TIMEOUT=0
GRUB_DISTRIBUTOR=Linux
GRUB_CMDLINE_LINUX_DEFAULT=""
GRUB_CMDLINE_LINUX="${KERNEL_WORDS}"
GRUB_TERMINAL="console serial"
GRUB_DISABLE_OS_PROBER=true
`
const EFI_CONFIG = `search --no-floppy --label --set=root ${ROOT_LABEL}
set prefix=($root)/boot/grub
configfile $prefix/grub.cfg
`
const MODULES = [
  ...['biosdisk', 'part_gpt', 'ext2', 'search', 'search_label', 'search_fs_uuid', 'normal', 'configfile', 'linux'],
  ...['echo', 'test', 'serial', 'terminal', 'minicmd', 'boot', 'loadenv', 'halt', 'reboot', 'ls', 'cat'],
]

const prepareGrub = async (root: string, architecture: Architecture): Promise<void> => {
  await mkdir(join(root, 'boot/grub'), { recursive: true })
  await writeFile(join(root, 'boot/grub/grub.cfg'), GRUB_CONFIG)
  await mkdir(join(root, 'etc/default'), { recursive: true })
  await writeFile(join(root, 'etc/default/grub'), GRUB_DEFAULT)
  if (architecture !== 'x86_64') return
  const modules = join(root, 'usr/lib/grub/i386-pc')
  await mkdir(join(root, 'boot/grub/i386-pc'), { recursive: true })
  for (const name of await readdir(modules))
    if (/\.(mod|lst)$/.test(name)) await copyFile(join(modules, name), join(root, 'boot/grub/i386-pc', name))
}

/**
 * Puts GRUB's first sector into the master boot record and its core behind it, as `grub-bios-setup` does: each holds the
 * number of the sector that comes next. Offsets are those of GRUB's i386-pc boot.img and diskboot.img.
 */
export const writeBiosLoader = async (disk: string, boot: Buffer, core: Buffer): Promise<void> => {
  if (boot.length !== SECTOR || core.length < 2 * SECTOR || core.length > ESP_AT - BIOS_AT)
    throw new RemoteError({ kind: 'unsupported', message: 'The boot loader of this distribution has another form.' })
  const [KERNEL_SECTOR, DRIVE_CHECK, BLOCK_LIST, CODE_END] = [0x5c, 0x66, 0x1f4, 440]
  const [first, rest] = [Buffer.from(boot), Buffer.from(core)]
  first.writeBigUInt64LE(BigInt(BIOS_AT / SECTOR), KERNEL_SECTOR)
  // Take the drive that the firmware names.
  first.writeUInt16LE(0x9090, DRIVE_CHECK)
  rest.writeBigUInt64LE(BigInt(BIOS_AT / SECTOR + 1), BLOCK_LIST)
  const file = await open(disk, 'r+')
  try {
    await file.write(first, 0, CODE_END, 0)
    await file.write(rest, 0, rest.length, BIOS_AT)
  } finally {
    await file.close()
  }
}

const EFI_NAMES = { x86_64: ['X64', 'x64'], aarch64: ['AA64', 'aa64'] } as const
const GRUB_FOLDERS = { x86_64: 'x86_64-efi-signed', aarch64: 'arm64-efi-signed' } as const

/** The signed loaders where UEFI looks without being told: shim, which checks GRUB, which checks the kernel. */
const writeEsp = async ({ root, disk, distribution, architecture, signal }: BootDisk): Promise<void> => {
  const esp = `${disk}@@${ESP_AT}`
  const sectors = String(ESP_SIZE / SECTOR)
  await run(
    needTool('mformat', 'mtools'),
    ['-i', esp, '-F', '-c', '1', '-h', '64', '-s', '32', '-T', sectors, '-v', 'EFI', '::'],
    signal,
  )
  const [upper, lower] = EFI_NAMES[architecture]
  const config = `${disk}.efi.cfg`
  await writeFile(config, EFI_CONFIG)
  try {
    await run(needTool('mmd', 'mtools'), ['-i', esp, '::/EFI', '::/EFI/BOOT', `::/EFI/${distribution}`], signal)
    const files = [
      [join(root, `usr/lib/shim/shim${lower}.efi.signed`), `::/EFI/BOOT/BOOT${upper}.EFI`],
      [
        join(root, `usr/lib/grub/${GRUB_FOLDERS[architecture]}/grub${lower}.efi.signed`),
        `::/EFI/BOOT/grub${lower}.efi`,
      ],
      [config, `::/EFI/${distribution}/grub.cfg`],
      [config, '::/EFI/BOOT/grub.cfg'],
    ] as const
    for (const [from, to] of files) await run(needTool('mcopy', 'mtools'), ['-i', esp, from, to], signal)
  } finally {
    await rm(config, { force: true })
  }
}

const partitions = (size: number, bios: boolean): string =>
  [
    'label: gpt',
    'unit: sectors',
    ...(bios ? [`14: start=${BIOS_AT / SECTOR}, size=${MIB / SECTOR}, type=21686148-6449-6E6F-744E-656564454649`] : []),
    `15: start=${ESP_AT / SECTOR}, size=${ESP_SIZE / SECTOR}, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B`,
    `1: start=${ROOT_AT / SECTOR}, size=${size / SECTOR}, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4`,
    '',
  ].join('\n')

/** Writes `disk`, a raw image. Throws `unsupported` where a program is missing. */
export const makeBootDisk = async (options: BootDisk): Promise<void> => {
  const { root, disk, architecture, size, signal } = options
  const bios = architecture === 'x86_64'
  const [sfdisk, mke2fs] = [needTool('sfdisk', 'fdisk'), needTool('mke2fs', 'e2fsprogs')]
  await prepareGrub(root, architecture)
  if (bios) {
    const prefix = `/boot/grub`
    const args = ['-O', 'i386-pc', '-o', '/boot/grub/core.img', '-p', prefix, '-c', '/boot/grub/early.cfg', ...MODULES]
    await writeFile(join(root, 'boot/grub/early.cfg'), EFI_CONFIG)
    await run('/usr/sbin/chroot', [root, 'grub-mkimage', ...args], signal)
  }
  await writeFile(disk, '')
  // One MiB more for the second table at the end.
  await truncate(disk, ROOT_AT + size + MIB)
  const script = `${disk}.table`
  await writeFile(script, partitions(size, bios))
  await run('/bin/sh', ['-c', 'exec "$1" --quiet "$2" < "$3"', 'sh', sfdisk, disk, script], signal)
  await rm(script)
  await writeEsp(options)
  const place = ['-E', `offset=${ROOT_AT},root_owner=0:0`, '-d', root, disk, `${size / 1024}k`]
  await run(mke2fs, ['-q', '-F', '-t', 'ext4', '-L', ROOT_LABEL, ...place], signal)
  if (!bios) return
  const boot = await readFile(join(root, 'usr/lib/grub/i386-pc/boot.img'))
  await writeBiosLoader(disk, boot, await readFile(join(root, 'boot/grub/core.img')))
}

/** Whether this computer has what it takes. */
export const missingBootTools = (): string[] =>
  [
    ['mmdebstrap', '/usr/bin/mmdebstrap'],
    ['fdisk', '/usr/sbin/sfdisk'],
    ['mtools', '/usr/bin/mformat'],
    ['e2fsprogs', '/usr/sbin/mke2fs'],
  ].flatMap(([name = '', path = '']) => (existsSync(path) || existsSync(path.replace('/usr', '')) ? [] : [name]))
