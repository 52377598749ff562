/** What an answer file is made from, and what comes of it: everything decided, nothing looked up. */

/** For the installer; the installed system has its network from cloud-init. IPv4 alone: Debian's installer asks for one. */
export interface FixedAddress {
  readonly address: string
  readonly netmask: string
  readonly gateway: string | null
  readonly nameServers: readonly string[]
}

export interface AnswerDraft {
  /** With dots it is a fully qualified name. */
  readonly hostname: string
  /** Null: nobody; cloud-init may make users all the same. */
  readonly user: { readonly name: string; readonly passwordHash: string | null } | null
  /** Where the system goes, as the guest sees it, for instance `/dev/vda`. Everything on it is lost. */
  readonly disk: string
  /** Null: DHCP. */
  readonly fixed: FixedAddress | null
  /** The documents that cloud-init is told in the installed system. */
  readonly userData: string
  readonly networkConfig: string
  /** What the installer is told of the network is all that was wanted: a single card, by DHCP or with `fixed`. */
  readonly plainNetwork: boolean
  /** Where packages come from, for instance `mirror.example.org:8080` and `/debian`; null: from where they usually do. */
  readonly mirror: { readonly host: string; readonly folder: string } | null
  /** An emulated PC: on a busy computer its timer ticks too seldom for Linux to trust it. */
  readonly emulated: boolean
}

export interface Answers {
  /** As the kernel of the installer wants it. */
  readonly commandLine: string
  /** The answer file, for reading. */
  readonly text: string
  /** For the installer's initrd: paths without a slash before. */
  readonly initrd: readonly { readonly name: string; readonly text: string }[]
  /** What stands on the seed as `user-data`. */
  readonly userData: string
  readonly networkConfig: string
  /** Inside the medium. */
  readonly kernel: readonly string[]
  readonly ramdisk: readonly string[]
}
