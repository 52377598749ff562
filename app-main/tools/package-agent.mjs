import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { buildAgent } from './build-agent.mjs'
import { root } from './paths.mjs'
import { capture } from './spawn.mjs'

const packaging = join(root, 'guest-agent-bridge/packaging')

const architectures = { x64: 'amd64', arm64: 'arm64' }

/** What goes where. The mode is what the guest sees, whatever the umask here. */
const filesOf = binary => [
  { from: binary, to: 'usr/sbin/vireo-agent', mode: 0o755 },
  { from: join(packaging, 'vireo-agent.service'), to: 'usr/lib/systemd/system/vireo-agent.service', mode: 0o644 },
  { from: join(packaging, 'vireo-agent.openrc'), to: 'etc/init.d/vireo-agent', mode: 0o755 },
  { from: join(packaging, 'config.json'), to: 'etc/vireo-agent/config.json', mode: 0o644 },
  { from: join(packaging, 'hardened.json'), to: 'usr/share/doc/vireo-agent/examples/hardened.json', mode: 0o644 },
  { from: join(root, 'LICENSE'), to: 'usr/share/doc/vireo-agent/copyright', mode: 0o644 },
]

const folders = ['etc/vireo-agent/pre-freeze.d', 'etc/vireo-agent/post-thaw.d']

const control = ({ version, architecture, kibibytes }) => `Package: vireo-agent
Version: ${version}
Architecture: ${architecture}
Maintainer: The Vireo authors <vireo@localhost>
Installed-Size: ${kibibytes}
Section: admin
Priority: optional
Description: guest agent of the Vireo virtual machine manager
 Lets the host of this virtual machine see what happens inside it and act there:
 load, memory, disks, addresses, processes, services, commands, files and
 consistent snapshots. It talks over a virtio serial port and needs no network.
`

const place = (folder, { from, to, mode }) => {
  const target = join(folder, to)
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 })
  cpSync(from, target)
  // cpSync keeps the mode of the source.
  writeMode(target, mode)
}

const writeMode = (path, mode) => {
  const bytes = readFileSync(path)
  rmSync(path)
  writeFileSync(path, bytes, { mode })
}

const describe = (folder, files, version, architecture) => {
  const debian = join(folder, 'DEBIAN')
  mkdirSync(debian, { mode: 0o755 })
  const bytes = files.reduce((sum, { to }) => sum + statSync(join(folder, to)).size, 0)
  writeFileSync(join(debian, 'control'), control({ version, architecture, kibibytes: Math.ceil(bytes / 1024) }))
  const configuration = files.filter(({ to }) => to.startsWith('etc/'))
  writeFileSync(join(debian, 'conffiles'), configuration.map(({ to }) => `/${to}\n`).join(''))
  const sum = to =>
    createHash('md5')
      .update(readFileSync(join(folder, to)))
      .digest('hex')
  const rest = files.filter(({ to }) => !to.startsWith('etc/'))
  writeFileSync(join(debian, 'md5sums'), rest.map(({ to }) => `${sum(to)}  ${to}\n`).join(''))
  for (const name of ['postinst', 'prerm', 'postrm']) {
    place(folder, { from: join(packaging, 'debian', name), to: `DEBIAN/${name}`, mode: 0o755 })
  }
}

/** Builds the agent and its Debian package for a processor; gives the package's path. */
export const packageAgent = async ({ name = process.arch } = {}) => {
  const architecture = architectures[name]
  if (!architecture) throw new Error(`no package for "${name}": there are ${Object.keys(architectures).join(', ')}`)
  const binary = await buildAgent({ name })
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const output = join(root, `out/agent/vireo-agent_${version}_${architecture}.deb`)
  const folder = mkdtempSync(join(tmpdir(), 'vireo-agent-deb-'))
  const umask = process.umask(0o022)
  try {
    const content = join(folder, 'content')
    mkdirSync(content, { mode: 0o755 })
    const files = filesOf(binary)
    for (const file of files) place(content, file)
    for (const path of folders) mkdirSync(join(content, path), { recursive: true, mode: 0o755 })
    describe(content, files, version, architecture)
    const fresh = join(folder, 'package.deb')
    // The same input gives the same package. Debian 11 cannot read zstd.
    const env = { ...process.env, SOURCE_DATE_EPOCH: '1700000000' }
    const built = await capture('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', content, fresh], { env })
    if (built.code !== 0) throw new Error(`dpkg-deb failed: ${built.output.trim()}`)
    cpSync(fresh, `${output}.new`)
    renameSync(`${output}.new`, output)
    return output
  } finally {
    process.umask(umask)
    rmSync(folder, { recursive: true, force: true })
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const { values } = parseArgs({ options: { arch: { type: 'string' } } })
    console.log(await packageAgent({ name: values.arch ?? process.arch }))
  } catch (error) {
    console.error(`package:agent: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}
