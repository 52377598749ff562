/** The three documents of a NoCloud seed, as YAML. */
import { pythonYaml } from '../base/python-yaml.ts'
import { QEMU_AGENT_PACKAGE, qemuAgentCommand, VIREO_AGENT_COMMAND } from './agent-commands.ts'
import { parseCloudConfig, type CloudConfig } from './cloud-config.ts'
import { mergeCloudConfig } from './merge.ts'
import type { GuestFamily, SeedDocuments, SeedDraft, SeedNic, SeedUser } from './seed-draft.ts'

const SHELL: Readonly<Record<GuestFamily, string>> = { linux: '/bin/bash', alpine: '/bin/ash', freebsd: '/bin/sh' }
const ADMIN_GROUP: Readonly<Record<GuestFamily, string | null>> = { linux: null, alpine: 'wheel', freebsd: 'wheel' }

const userOf = ({ name, passwordHash, sshKeys }: SeedUser, family: GuestFamily) => {
  const keys = sshKeys.length > 0 ? { ssh_authorized_keys: [...sshKeys] } : {}
  const password = passwordHash === null ? { lock_passwd: true } : { lock_passwd: false, passwd: passwordHash }
  if (name === 'root') return { name, ...password, ...keys }
  const group = ADMIN_GROUP[family]
  return {
    name,
    ...(group === null ? {} : { groups: [group] }),
    sudo: 'ALL=(ALL) NOPASSWD:ALL',
    shell: SHELL[family],
    ...password,
    ...keys,
  }
}

const ownConfig = (draft: SeedDraft): CloudConfig => {
  const { hostname, user, family, qemuAgent } = draft
  const packages = [...new Set([...(qemuAgent ? [QEMU_AGENT_PACKAGE] : []), ...draft.packages])]
  const commands = [
    ...(qemuAgent ? [qemuAgentCommand(family)] : []),
    ...(draft.vireoAgent ? [VIREO_AGENT_COMMAND] : []),
    ...draft.commands,
  ]
  return {
    hostname: hostname.split('.')[0] ?? hostname,
    ...(hostname.includes('.') ? { fqdn: hostname } : {}),
    manage_etc_hosts: true,
    ...(user === null ? {} : { users: [userOf(user, family)], ssh_pwauth: user.passwordHash !== null }),
    ...(user?.name === 'root' ? { disable_root: false } : {}),
    ...(packages.length > 0 ? { package_update: true, packages } : {}),
    ...(commands.length > 0 ? { runcmd: commands } : {}),
  }
}

const ethernet = ({ mac, address, gateway, nameServers }: SeedNic) => {
  const servers = nameServers.length > 0 ? { nameservers: { addresses: [...nameServers] } } : {}
  if (address === null) return { match: { macaddress: mac }, dhcp4: true, ...servers }
  const to = gateway?.includes(':') ? '::/0' : '0.0.0.0/0'
  const routes = gateway === null ? {} : { routes: [{ to, via: gateway }] }
  return { match: { macaddress: mac }, dhcp4: false, addresses: [address], ...routes, ...servers }
}

const networkConfig = (nics: readonly SeedNic[]): string =>
  pythonYaml({ version: 2, ethernets: Object.fromEntries(nics.map((nic, index) => [`nic${index}`, ethernet(nic)])) })

/** Throws `invalid-input` when the person's own user-data cannot be used. */
export const seedDocuments = (draft: SeedDraft): SeedDocuments => {
  const own = ownConfig(draft)
  const theirs = draft.userData === null ? { config: {}, warnings: [] } : parseCloudConfig(draft.userData)
  return {
    userData: `#cloud-config\n${pythonYaml(mergeCloudConfig(own, theirs.config))}`,
    metaData: pythonYaml({ 'instance-id': draft.instanceId, 'local-hostname': draft.hostname }),
    networkConfig: networkConfig(draft.nics),
    warnings: theirs.warnings,
  }
}
