import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OsinfoDatabase, osinfoFolders, volumeMarks } from './osinfo.ts'

const MIB = 2 ** 20
const debian = (version: string, rest: string) =>
  `<libosinfo version="0.0.1"><os id="http://debian.org/debian/${version}"><short-id>debian${version}</short-id>
  <name>Debian ${version}</name><name xml:lang="de">Anders</name>${rest}</os></libosinfo>`
const resources = (arch: string, kind: string, ram: number) =>
  `<resources arch="${arch}"><${kind}><n-cpus>1</n-cpus><ram>${ram * MIB}</ram></${kind}></resources>`
const medium = (volume: string, more = '', arch = 'x86_64') =>
  `<media arch="${arch}"><iso><volume-id>${volume}</volume-id>${more}</iso></media>`
const marks = { system: '', volume: 'Debian 12.5.0 amd64 n', publisher: '', application: '' }

describe('libosinfo’s database', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vireo-osinfo-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const put = async (name: string, text: string) => {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  const database = () => new OsinfoDatabase([join(folder, 'system'), join(folder, 'own')], 'x86_64')

  it('knows nothing where it is not installed', async () => {
    expect(await database().byId('http://debian.org/debian/12')).toBeNull()
    expect(await database().byMarks(marks)).toBeNull()
    expect(osinfoFolders({ OSINFO_SYSTEM_DIR: '/a', XDG_CONFIG_HOME: '/b' })).toEqual([
      '/a',
      '/etc/osinfo',
      '/b/osinfo',
    ])
  })

  it('tells what a system wants, of its own or from those it is derived from', async () => {
    const minimum = `${resources('all', 'minimum', 256)}${resources('x86_64', 'minimum', 512)}`
    await put('system/os/debian.org/debian-11.xml', debian('11', minimum + resources('all', 'recommended', 1024)))
    const derived = '<derives-from id="http://debian.org/debian/11"/>'
    await put('system/os/debian.org/debian-12.xml', debian('12', derived + resources('all', 'recommended', 2048)))
    expect(await database().byId('http://debian.org/debian/12')).toEqual({
      ...{ id: 'http://debian.org/debian/12', name: 'Debian 12' },
      minimum: { cpus: 1, memoryBytes: 512 * MIB, diskBytes: null },
      recommended: { cpus: 1, memoryBytes: 2048 * MIB, diskBytes: null },
    })
    // A circle ends as well.
    await put('own/os/mine.xml', debian('11', '<derives-from id="http://debian.org/debian/11"/>'))
    expect(await database().byId('http://debian.org/debian/11')).toMatchObject({ minimum: { memoryBytes: null } })
  })

  it('recognises a medium by its marks, the one best described, for this processor', async () => {
    await put('system/os/debian-any.xml', debian('testing', medium('^Debian')))
    await put('system/os/debian-12.xml', debian('12', medium('^Debian 12(\\.\\d+){1,2} amd64')))
    await put('system/os/debian-13.xml', debian('13', medium('^Debian 12', '<publisher-id>SOMEBODY</publisher-id>')))
    await put('system/os/arm.xml', debian('arm', medium('^Debian 12(\\.\\d+){1,2} amd64 n$$$$$$$$', '', 'aarch64')))
    await put('system/os/broken.xml', '<libosinfo><os')
    await put('system/os/odd.xml', debian('odd', medium('(?i)[')))
    expect(await database().byMarks(marks)).toMatchObject({ name: 'Debian 12' })
    expect(await database().byMarks({ ...marks, volume: 'Debian 99' })).toMatchObject({ name: 'Debian testing' })
    expect(await database().byMarks({ ...marks, publisher: 'SOMEBODY' })).toMatchObject({ name: 'Debian 13' })
    expect(await database().byMarks({ ...marks, volume: 'Ubuntu' })).toBeNull()
  })

  it('reads the marks of an image, and of nothing else', async () => {
    const iso = Buffer.alloc(64 * 1024, ' ')
    iso.write('\u0001CD001\u0001', 16 * 2048, 'latin1')
    iso.write('Debian 12.5.0 amd64 n', 16 * 2048 + 40)
    iso.write('SOMEBODY', 16 * 2048 + 318)
    await writeFile(join(folder, 'x.iso'), iso)
    expect(await volumeMarks(join(folder, 'x.iso'))).toEqual({ ...marks, publisher: 'SOMEBODY' })
    await writeFile(join(folder, 'short.iso'), iso.subarray(0, 16 * 2048 + 100))
    expect(await volumeMarks(join(folder, 'short.iso'))).toBeNull()
  })
})
