import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startAgent } from '../fixture/agent.ts'
import { agentPackage } from '../fixture/agent-package.ts'
import { cached, recipeKey } from '../fixture/cache.ts'
import { fetchPackages } from '../fixture/debian-packages.ts'
import { run } from '../fixture/run.ts'

const mode = async (path: string): Promise<string> => ((await stat(path)).mode & 0o7777).toString(8)

const busybox = async (): Promise<string> => {
  const folder = await cached('busybox', recipeKey('busybox-static'), async workshop => {
    await fetchPackages(['busybox-static'], workshop)
  })
  return existsSync(join(folder, 'bin/busybox')) ? join(folder, 'bin/busybox') : join(folder, 'usr/bin/busybox')
}

/** A root folder with nothing but a shell and an empty package database. */
const emptyRoot = async (): Promise<{ readonly root: string } & AsyncDisposable> => {
  const root = await mkdtemp(join(tmpdir(), 'vireo-root-'))
  for (const folder of [
    'bin',
    'var/lib/dpkg/info',
    'var/lib/dpkg/updates',
    'var/lib/dpkg/triggers',
    'var/log',
    'tmp',
  ]) {
    await mkdir(join(root, folder), { recursive: true })
  }
  await copyFile(await busybox(), join(root, 'bin/sh'))
  await writeFile(join(root, 'var/lib/dpkg/status'), '')
  return { root, [Symbol.asyncDispose]: async () => rm(root, { recursive: true, maxRetries: 5 }) }
}

test('the package holds the agent, its units and its configuration, all of them root’s', async () => {
  const path = await agentPackage()
  expect(await run('dpkg-deb', ['--field', path, 'Package', 'Version', 'Depends'])).toBe(
    `Package: vireo-agent\nVersion: ${/_([\d.]+)_/.exec(path)?.[1]}\n`,
  )
  const content = await run('dpkg-deb', ['--contents', path])
  const files = content.split('\n').filter(line => line.startsWith('-'))
  expect(files.map(line => `${line.slice(0, 10)} ${line.split(/\s+/).at(-1) ?? ''}`).toSorted()).toEqual([
    '-rw-r--r-- ./etc/vireo-agent/config.json',
    '-rw-r--r-- ./usr/lib/systemd/system/vireo-agent.service',
    '-rw-r--r-- ./usr/share/doc/vireo-agent/copyright',
    '-rw-r--r-- ./usr/share/doc/vireo-agent/examples/hardened.json',
    '-rwxr-xr-x ./etc/init.d/vireo-agent',
    '-rwxr-xr-x ./usr/sbin/vireo-agent',
  ])
  expect(content.split('\n').every(line => line === '' || line.includes(' root/root '))).toBe(true)
})

test('the same sources give the same package', async () => {
  const first = await readFile(await agentPackage())
  expect((await readFile(await agentPackage())).equals(first)).toBe(true)
})

test('it installs, keeps a changed configuration, and leaves nothing behind', async () => {
  const path = await agentPackage()
  await using empty = await emptyRoot()
  const dpkg = async (...args: string[]): Promise<string> =>
    run('dpkg', [`--root=${empty.root}`, '--force-all', ...args])
  const inRoot = (name: string): string => join(empty.root, name)
  await dpkg('--install', path)
  expect(await run('chroot', [empty.root, '/usr/sbin/vireo-agent', '--version'])).toMatch(/^vireo-agent \d/)
  expect(await mode(inRoot('etc/vireo-agent/pre-freeze.d'))).toBe('755')
  expect(await mode(inRoot('etc/vireo-agent/post-thaw.d'))).toBe('755')
  await writeFile(inRoot('etc/vireo-agent/config.json'), '{"log_level":"debug"}')
  await dpkg('--force-confold', '--install', path)
  expect(await readFile(inRoot('etc/vireo-agent/config.json'), 'utf8')).toBe('{"log_level":"debug"}')
  await dpkg('--remove', 'vireo-agent')
  await expect(stat(inRoot('usr/sbin/vireo-agent'))).rejects.toThrow('ENOENT')
  expect((await stat(inRoot('etc/vireo-agent/config.json'))).isFile()).toBe(true)
  await dpkg('--purge', 'vireo-agent')
  await expect(stat(inRoot('etc/vireo-agent'))).rejects.toThrow('ENOENT')
  await expect(stat(inRoot('etc/init.d/vireo-agent'))).rejects.toThrow('ENOENT')
})

test.each(['config.json', 'hardened.json'])('the agent understands %s without a warning', async name => {
  const folder = join(import.meta.dirname, '../../guest-agent-bridge/packaging')
  await using agent = await startAgent({ config: JSON.parse(await readFile(join(folder, name), 'utf8')) })
  await agent.line.call('ping')
  expect(agent.log()).not.toContain('warn')
})
