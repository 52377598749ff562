import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './paths.mjs'

const read = path => readFileSync(join(root, path), 'utf8')

test('packages are made with the Electron that development runs', () => {
  const { devDependencies } = JSON.parse(read('app-main/package.json'))
  expect(read('electron-builder.yml')).toContain(`electronVersion: ${devDependencies.electron}\n`)
})

test('desktop entry, store page and package name the same program', () => {
  const program = /executableName: (\S+)/.exec(read('electron-builder.yml'))?.[1]
  expect(read('assets/org.vireo.Vireo.desktop')).toContain(`Exec=${program} `)
  expect(read('assets/org.vireo.Vireo.metainfo.xml')).toContain(`<binary>${program}</binary>`)
})

test('a package is no general Node', () => {
  const fuses = /electronFuses:\n((?: {2}.*\n)+)/.exec(read('electron-builder.yml'))?.[1] ?? ''
  for (const off of ['runAsNode', 'enableNodeOptionsEnvironmentVariable', 'enableNodeCliInspectArguments'])
    expect(fuses).toContain(`${off}: false\n`)
  expect(fuses).toContain('onlyLoadAppFromAsar: true\n')
})

test('the binary that terminals need is packed, and outside the archive', () => {
  const config = read('electron-builder.yml')
  for (const list of ['files', 'asarUnpack'])
    expect(new RegExp(`^${list}:\n((?: {2}- .*\n)+)`, 'm').exec(config)?.[1]).toContain('- out/main/*/pty.node\n')
})
