/** What a seed is made from: everything decided, nothing looked up. */

/** Which words the guest's programs understand. */
export type GuestFamily = 'linux' | 'alpine' | 'freebsd'

export interface SeedNic {
  readonly mac: string
  /** Null: DHCP. With its prefix, for instance `192.168.1.5/24`. */
  readonly address: string | null
  readonly gateway: string | null
  readonly nameServers: readonly string[]
}

export interface SeedUser {
  readonly name: string
  /** In crypt(3)'s form, never plain text; null: no password, keys only. */
  readonly passwordHash: string | null
  /** As in `authorized_keys`. */
  readonly sshKeys: readonly string[]
}

export interface SeedDraft {
  /** cloud-init does its work once for each. */
  readonly instanceId: string
  /** With dots it is a fully qualified name. */
  readonly hostname: string
  readonly user: SeedUser | null
  readonly family: GuestFamily
  readonly packages: readonly string[]
  /** Lines for a shell, run once at the end of the first start. */
  readonly commands: readonly string[]
  readonly qemuAgent: boolean
  /** Installs the Vireo agent from the files of the seed. */
  readonly vireoAgent: boolean
  readonly nics: readonly SeedNic[]
  /** A person's own `#cloud-config`, merged over ours. */
  readonly userData: string | null
}

/** The documents of a NoCloud seed. */
export interface SeedDocuments {
  readonly userData: string
  readonly metaData: string
  readonly networkConfig: string
  /** What in a person's own user-data will probably not do what they meant, English sentences. */
  readonly warnings: readonly string[]
}
