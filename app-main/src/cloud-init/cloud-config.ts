/** A person's own user-data: read, and checked where a mistake would only show in a guest that nobody can log in to. */
import { isMap, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { PYTHON_YAML } from '../base/python-yaml.ts'
import { RemoteError } from '../contract/index.ts'

/** A `#cloud-config` document as plain values. */
export type CloudConfig = Readonly<Record<string, unknown>>

/** Characters. */
const MOST_TEXT = 256 * 1024
const MOST_ALIASES = 100

const Text = z.union([z.string(), z.number(), z.boolean()])
const Strings = z.union([z.string(), z.array(z.string())])
const Command = z.union([z.string(), z.array(z.union([z.string(), z.number()])), z.null()])
const SshKeys = z.array(z.string().regex(/^\S+ \S+/, 'must be a line as in authorized_keys'))
const Package = z.union([z.string(), z.array(z.string()).min(1), z.record(z.string(), z.array(z.unknown()))])

const User = z.union([
  z.string(),
  z.looseObject({
    name: z.string().optional(),
    snapuser: z.string().optional(),
    gecos: z.string().optional(),
    groups: z.union([Strings, z.record(z.string(), z.unknown())]).optional(),
    shell: z.string().optional(),
    homedir: z.string().optional(),
    lock_passwd: z.boolean().optional(),
    passwd: z.string().optional(),
    hashed_passwd: z.string().optional(),
    plain_text_passwd: z.string().optional(),
    ssh_authorized_keys: SshKeys.optional(),
    ssh_import_id: z.array(z.string()).optional(),
    sudo: z.union([Strings, z.literal(false), z.null()]).optional(),
    system: z.boolean().optional(),
    uid: z.union([z.number().int(), z.string()]).optional(),
  }),
])

const WriteFile = z.looseObject({
  path: z.string().startsWith('/', 'must be an absolute path'),
  content: z.union([z.string(), z.instanceof(Uint8Array)]).optional(),
  encoding: z
    .enum(['gz', 'gzip', 'gz+base64', 'gzip+base64', 'gz+b64', 'gzip+b64', 'b64', 'base64', 'text/plain'])
    .optional(),
  owner: z.string().optional(),
  permissions: z.string('must be quoted, as in "0644"').optional(),
  append: z.boolean().optional(),
  defer: z.boolean().optional(),
})

/** The modules that people use most; the rest is let through for cloud-init to judge. */
const Known = z.looseObject({
  hostname: z.string().optional(),
  fqdn: z.string().optional(),
  prefer_fqdn_over_hostname: z.boolean().optional(),
  preserve_hostname: z.boolean().optional(),
  manage_etc_hosts: z.union([z.boolean(), z.enum(['template', 'localhost'])]).optional(),
  timezone: z.string().optional(),
  locale: z.union([z.string(), z.literal(false)]).optional(),
  keyboard: z.looseObject({ layout: z.string() }).optional(),
  users: z.union([z.array(User), z.string(), z.record(z.string(), z.unknown())]).optional(),
  user: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  groups: z.union([z.string(), z.array(z.unknown()), z.record(z.string(), z.unknown())]).optional(),
  password: z.string().optional(),
  chpasswd: z.looseObject({ expire: z.boolean().optional() }).optional(),
  ssh_pwauth: z.union([z.boolean(), z.string()]).optional(),
  ssh_authorized_keys: SshKeys.optional(),
  ssh_keys: z.record(z.string(), z.string()).optional(),
  ssh_deletekeys: z.boolean().optional(),
  disable_root: z.boolean().optional(),
  package_update: z.boolean().optional(),
  package_upgrade: z.boolean().optional(),
  package_reboot_if_required: z.boolean().optional(),
  packages: z.array(Package).optional(),
  apt: z.record(z.string(), z.unknown()).optional(),
  yum_repos: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  bootcmd: z.array(Command).optional(),
  runcmd: z.array(Command).optional(),
  write_files: z.array(WriteFile).optional(),
  mounts: z.array(z.array(Text.nullable())).optional(),
  growpart: z.looseObject({ devices: z.array(z.string()).optional() }).optional(),
  resize_rootfs: z.union([z.boolean(), z.literal('noblock')]).optional(),
  ntp: z.record(z.string(), z.unknown()).nullable().optional(),
  final_message: z.string().optional(),
  power_state: z
    .looseObject({
      mode: z.enum(['poweroff', 'reboot', 'halt']),
      delay: Text.optional(),
      message: z.string().optional(),
    })
    .optional(),
})

const KNOWN_KEYS = new Set([
  ...Object.keys(Known.shape),
  ...['allow_public_ssh_keys', 'apt_pipelining', 'apt_reboot_if_required', 'apt_update', 'apt_upgrade'],
  ...['authkey_hash', 'create_hostname_file'],
  ...[
    'ansible',
    'apk_repos',
    'autoinstall',
    'byobu_by_default',
    'ca_certs',
    'ca-certs',
    'chef',
    'cloud_config_modules',
  ],
  ...['cloud_final_modules', 'cloud_init_modules', 'datasource', 'datasource_list', 'debug', 'device_aliases'],
  ...['disable_ec2_metadata', 'disable_root_opts', 'disk_setup', 'drivers', 'fan', 'fs_setup', 'grub_dpkg'],
  ...['grub-dpkg', 'landscape', 'launch-index', 'locale_configfile', 'lxd', 'manage_resolv_conf', 'mcollective'],
  ...['merge_how', 'merge_type', 'migrate', 'mount_default_fields', 'network', 'no_ssh_fingerprints', 'output'],
  ...['phone_home', 'puppet', 'random_seed', 'reporting', 'resolv_conf', 'rh_subscription', 'rsyslog', 'salt_minion'],
  ...[
    'snap',
    'spacewalk',
    'ssh',
    'ssh_fp_console_blacklist',
    'ssh_genkeytypes',
    'ssh_import_id',
    'ssh_key_console_blacklist',
  ],
  ...['ssh_publish_hostkeys', 'ssh_quiet_keygen', 'sudo', 'swap', 'system_info', 'ubuntu_advantage', 'ubuntu_pro'],
  ...['updates', 'vendor_data', 'version', 'wireguard', 'write_files_deferred', 'yum_repo_dir', 'zypper', 'rpi'],
])

const wrong = (message: string, issues: string[] = [], hint?: string): RemoteError =>
  new RemoteError({
    kind: 'invalid-input',
    message: `The user-data cannot be used: ${message}`,
    ...(issues.length > 0 ? { issues } : {}),
    ...(hint === undefined ? {} : { hint }),
  })

const where = (path: readonly PropertyKey[]): string =>
  path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`))
    .join('')

interface Complaint {
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly errors?: readonly (readonly Complaint[])[]
}

/** Of a choice of shapes the complaint that got furthest is the one that helps. */
const deepest = (issue: Complaint): Complaint => {
  const inner = (issue.errors ?? []).flatMap(branch => branch.map(deepest))
  const best = inner.toSorted((a, b) => b.path.length - a.path.length)[0]
  if (best === undefined || best.path.length === 0) return issue
  return { path: [...issue.path, ...best.path], message: best.message }
}

/**
 * Reads a `#cloud-config` document. Throws `invalid-input` with the line or the place of what is wrong. `warnings` tells of
 * keys that cloud-init does not know.
 */
export const parseCloudConfig = (text: string): { config: CloudConfig; warnings: readonly string[] } => {
  if (text.length > MOST_TEXT) throw wrong(`it is longer than ${MOST_TEXT / 1024} KiB.`)
  if (!/^#cloud-config[ \t]*(\r?\n|$)/.test(text))
    throw wrong('its first line is not “#cloud-config”.', [], 'Scripts and other formats can be run from runcmd.')
  const lines = new LineCounter()
  const document = parseDocument(text, { ...PYTHON_YAML, lineCounter: lines, uniqueKeys: true, prettyErrors: false })
  // cloud-init reads nothing of a document with a tag that it does not know.
  const mistakes = [...document.errors, ...document.warnings]
  if (mistakes.length > 0) {
    const issues = mistakes.slice(0, 5).map(({ pos, message }) => {
      const { line, col } = lines.linePos(pos[0])
      return `line ${line}, column ${col}: ${message}`
    })
    throw wrong('it is not valid YAML.', issues)
  }
  if (document.contents === null) return { config: {}, warnings: [] }
  if (!isMap(document.contents)) throw wrong('it is not a list of keys and values.')
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: MOST_ALIASES })
  } catch (cause) {
    throw wrong(cause instanceof Error ? `${cause.message}.` : 'it cannot be expanded.')
  }
  const parsed = Known.safeParse(value)
  if (!parsed.success) {
    const issues = parsed.error.issues.slice(0, 10).map(issue => {
      const { path, message } = deepest(issue)
      return `${where(path)}: ${message}`
    })
    throw wrong('cloud-init would not understand all of it.', issues)
  }
  const config: CloudConfig = parsed.data
  const unknown = Object.keys(config).filter(key => !KNOWN_KEYS.has(key))
  return { config, warnings: unknown.map(key => `cloud-init has no module that reads “${key}”.`) }
}
