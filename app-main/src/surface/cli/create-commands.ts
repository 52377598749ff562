/** Making a machine is more than one call: files are read, passwords hashed, and the end is told. */
import { contract } from '../../contract/index.ts'
import type { OptionSpec } from './command-spec.ts'
import type { OwnCommand } from './own-commands.ts'

const option = (flags: string, description: string, choices: readonly string[] = []): OptionSpec => ({
  property: flags.replace(/^.*--(no-)?/, '').replace(/ .*$/, ''),
  ...{ flags, description, choices, required: false, type: flags.includes('<') ? 'text' : 'boolean' },
})

export const CREATE_COMMANDS: readonly OwnCommand[] = [
  {
    spec: {
      ...{ verb: 'create', room: 'create', name: 'run', entry: contract.create.run, onConnection: false },
      positionals: [],
      options: [
        option(
          '-f, --file <file>',
          'a YAML file with the same fields; what is said here counts more; - is standard input',
        ),
        option('--name <name>', 'name of the machine'),
        option('--hostname <name>', "its own name; the machine's unless told"),
        option('--user <name>', "who logs in; the image's own user unless told"),
        option('--no-user', 'makes no user'),
        option('--ssh-key <key>', 'a .pub file, or the key itself (may be repeated); yours unless told'),
        option('--no-ssh-keys', 'no key'),
        option('--password', 'asks for a password; without a terminal the first line of standard input'),
        option('--cpus <number>', 'processors'),
        option('--memory <size>', 'such as 2G'),
        option('--disk <size>', "of the system's disk, such as 20G"),
        option('--more-disk <size>', 'another disk (may be repeated)'),
        option('--bus <bus>', 'how its disks are attached', ['virtio', 'scsi', 'sata']),
        option('--no-discard', 'what the guest deletes goes on taking room here'),
        option('--pool <name>', 'storage pool for its disks'),
        option('--folder <path>', 'folder of this computer for its disks, in place of a storage pool'),
        option(
          '--network <network>',
          'network, bridge=br0, macvtap=eth0, network=NAME or user; then ,address=…,gateway=…,mac=…,dns=… (may be repeated)',
        ),
        option('--no-networks', 'no network card'),
        option(
          '--forward <ports>',
          'HOST:GUEST, a port of this computer that leads into it; /udp behind it where passt does it (may be repeated)',
        ),
        option('--firmware <firmware>', 'what starts it', ['auto', 'bios', 'uefi', 'secure-boot']),
        option('--tpm', 'with a TPM 2.0'),
        option('--desktop', 'it will have a graphical desktop'),
        option('--accelerator <kind>', 'hardware virtualisation or not', ['auto', 'kvm', 'emulation']),
        option('--no-cloud-init', 'tells the system nothing'),
        option('--unattended', 'answers the installer of an installation medium (Debian, Ubuntu)'),
        option('--mirror <address>', 'package mirror for that installer; the usual one unless told'),
        option('--package <name>', 'installed at the first start (may be repeated)'),
        option('--run <command>', 'run by a shell at the first start (may be repeated)'),
        option('--user-data <file>', 'your own #cloud-config, merged over the rest'),
        option('--no-qemu-agent', 'without qemu-guest-agent'),
        option('--vireo-agent', 'with the Vireo agent (where its program is there, unless told)'),
        option('--no-vireo-agent', 'without the Vireo agent'),
        option('--autostart', 'starts with the host'),
        option('--no-start', 'leaves it off'),
        option('--wait', 'waits until it is ready (the default where cloud-init is told something)'),
        option('--no-wait', 'ends when it runs'),
        option('--tag <tag>', 'a word to find it by (may be repeated)'),
        option('--notes <text>', 'for people'),
        option('--dry-run', 'says what would be done, and does nothing'),
        option('--unfinished', 'lists what an ended Vireo left half-made'),
        option('--finish <name>', 'makes after all what an ended Vireo left half-made'),
        option('--discard <name>', 'removes what an ended Vireo left half-made'),
        option('--json', 'print the answer as JSON'),
      ],
    },
    summary: 'Makes a machine from a disk image, an installation ISO or a system of the catalogue.',
    arguments: [['[source]', 'a system of the catalogue, or the path of a disk image or installation ISO']],
    help: '\nCtrl+C cancels it, and nothing is left. All of it is explained in docs/cli.md.',
    load: async () => (await import('./create.ts')).createCommand,
  },
]
