import { describe, expect, it } from 'vitest'
import { catalogueEntry, type CatalogueEntry } from './catalogue.ts'
import { HttpClient } from './http.ts'
import { linkedNames, resolveEntry } from './resolve.ts'
import { fileServer, type FileServer } from './testing/file-server.ts'

const none = new AbortController().signal
const A = 'a'.repeat(64)
const B = 'b'.repeat(128)

/** A client for which the whole web is our server: `https://host/path` is `/host/path` there. */
const everywhere = (server: FileServer) =>
  new HttpClient({ environment: {}, mirrors: () => ({ 'https://': `${server.origin}/` }) })

const resolved = async (id: string, pages: Readonly<Record<string, string>>, what: 'image' | 'iso' = 'image') => {
  await using server = await fileServer()
  for (const [path, body] of Object.entries(pages)) server.put(path, body)
  const http = everywhere(server)
  try {
    return await resolveEntry(catalogueEntry(id), what, 'x86_64', http, none)
  } finally {
    await http.close()
  }
}

describe('what a vendor has now', () => {
  it('Ubuntu: the file of a signed list', async () => {
    const list = `${A} *ubuntu-24.04-server-cloudimg-amd64.img\n${A} *ubuntu-24.04-server-cloudimg-arm64.img\n${A} *ubuntu-24.04-server-cloudimg-amd64.img.old\n`
    const found = await resolved('ubuntu-24.04', { '/cloud-images.ubuntu.com/releases/noble/release/SHA256SUMS': list })
    expect(found).toMatchObject({
      url: 'https://cloud-images.ubuntu.com/releases/noble/release/ubuntu-24.04-server-cloudimg-amd64.img',
      checksum: { algorithm: 'sha256', digest: A },
      signature: { address: 'https://cloud-images.ubuntu.com/releases/noble/release/SHA256SUMS.gpg', inline: false },
    })
    expect(found.signature?.text?.toString()).toBe(list)
  })

  it('Debian: a newer point release by itself, and the archive’s newest folder', async () => {
    const iso = await resolved(
      'debian-12',
      {
        '/cdimage.debian.org/cdimage/archive/':
          '<a href="12.9.0/">x</a> <a href="12.11.0/">x</a> <a href="/11.1.0/">x</a>',
        '/cdimage.debian.org/cdimage/archive/12.11.0/amd64/iso-cd/SHA512SUMS': `${B}  debian-12.11.0-amd64-netinst.iso\n`,
      },
      'iso',
    )
    expect(iso.url).toBe(
      'https://cdimage.debian.org/cdimage/archive/12.11.0/amd64/iso-cd/debian-12.11.0-amd64-netinst.iso',
    )
  })

  it('AlmaLinux and Rocky: the newest build of a list in the BSD form', async () => {
    const names = [
      'AlmaLinux-9-GenericCloud-9.5-20241120.x86_64.qcow2',
      'AlmaLinux-9-GenericCloud-9.10-20250522.x86_64.qcow2',
      'AlmaLinux-9-GenericCloud-latest.x86_64.qcow2',
    ]
    const list = names.map(name => `# ${name}: 1 bytes\nSHA256 (${name}) = ${A}`).join('\n')
    const found = await resolved('almalinux-9', {
      '/repo.almalinux.org/almalinux/9/cloud/x86_64/images/CHECKSUM': list,
    })
    expect(found.name).toBe(names[1])
    const rocky = 'Rocky-10-GenericCloud-Base-10.2-20260525.0.x86_64.qcow2'
    const path = '/download.rockylinux.org/pub/rocky/10/images/x86_64/CHECKSUM'
    expect((await resolved('rocky-10', { [path]: `SHA256 (${rocky}) = ${A}` })).name).toBe(rocky)
  })

  it('Fedora: an entry of its releases, checked against the signed list beside the file', async () => {
    const link =
      'https://download.fedoraproject.org/pub/fedora/linux/releases/43/Cloud/x86_64/images/Fedora-Cloud-Base-Generic-43-1.6.x86_64.qcow2'
    const row = { version: '43', arch: 'x86_64', link, variant: 'Cloud', subvariant: 'Cloud_Base', sha256: A }
    const others = [
      { ...row, arch: 'aarch64' },
      { ...row, link: link.replace('Generic', 'UEFI-UKI') },
      { ...row, version: '44' },
    ]
    const found = await resolved('fedora-43', { '/fedoraproject.org/releases.json': JSON.stringify([...others, row]) })
    expect(found).toMatchObject({
      ...{ url: link, checksum: { digest: A } },
      signature: { inline: true, address: link.replace(/[^/]+$/, 'Fedora-Cloud-43-1.6-x86_64-CHECKSUM') },
    })
  })

  it('Oracle, Alpine, openSUSE, FreeBSD, Arch', async () => {
    const oracle = JSON.stringify({
      base_url: '/templates/OracleLinux/OL9/u5/x86_64',
      kvm: { image: 'OL9U5_x86_64-kvm-b253.qcow2', sha256: A },
    })
    expect(
      (await resolved('oracle-9', { '/yum.oracle.com/templates/OracleLinux/ol9-template.json': oracle })).url,
    ).toBe('https://yum.oracle.com/templates/OracleLinux/OL9/u5/x86_64/OL9U5_x86_64-kvm-b253.qcow2')
    const cloud = '/dl-cdn.alpinelinux.org/alpine/v3.23/releases/cloud/'
    const [old, now] = ['3.23.2', '3.23.10'].map(version => `nocloud_alpine-${version}-x86_64-uefi-cloudinit-r0.qcow2`)
    const listing = [old, now, `${now}.sha512`, 'nocloud_alpine-3.23.11-x86_64-bios-cloudinit-r0.qcow2'].map(
      name => `<a href="${name}">`,
    )
    expect((await resolved('alpine-3.23', { [cloud]: listing.join('\n'), [`${cloud}${now}.sha512`]: B })).name).toBe(
      now,
    )
    const suse =
      '/download.opensuse.org/distribution/leap/16.0/appliances/Leap-16.0-Minimal-VM.x86_64-Cloud.qcow2.sha256'
    expect(
      (await resolved('opensuse-leap-16.0', { [suse]: `${A}  Leap-16.0-Minimal-VM.x86_64-16.0.0-Cloud-Build1.qcow2` }))
        .checksum,
    ).toEqual({ algorithm: 'sha256', digest: A })
    const bsd = 'FreeBSD-15.0-RELEASE-amd64-BASIC-CLOUDINIT-ufs.qcow2.xz'
    const folder = '/download.freebsd.org/releases/VM-IMAGES/15.0-RELEASE/amd64/Latest/CHECKSUM.SHA512'
    expect((await resolved('freebsd-15.0', { [folder]: `SHA512 (${bsd}) = ${B}` })).name).toBe(bsd)
    const arch = '/geo.mirror.pkgbuild.com/images/latest/Arch-Linux-x86_64-cloudimg.qcow2.SHA256'
    const found = await resolved('arch', { [arch]: `${A}  Arch-Linux-x86_64-cloudimg.qcow2` })
    expect(found.signature).toMatchObject({ inline: false })
    expect(found.signature?.text).toBeUndefined()
  })
})

describe('an index that is not what it was', () => {
  it('is refused in words', async () => {
    const index = '/fedoraproject.org/releases.json'
    await expect(resolved('fedora-43', { [index]: '<html>' })).rejects.toThrow('not what it should be')
    await expect(resolved('fedora-43', { [index]: '{"new":1}' })).rejects.toThrow('changed its form')
    await expect(resolved('fedora-43', { [index]: '[]' })).rejects.toMatchObject({ detail: { kind: 'not-found' } })
    await expect(resolved('ubuntu-24.04', {})).rejects.toMatchObject({ detail: { kind: 'not-found' } })
    const template = JSON.stringify({ base_url: '/x', kvm: { image: '../../evil.qcow2', sha256: A } })
    const oracle = resolved('oracle-9', { '/yum.oracle.com/templates/OracleLinux/ol9-template.json': template })
    await expect(oracle).rejects.toMatchObject({ detail: { kind: 'not-found' } })
  })

  it('names no files elsewhere', () => {
    expect(
      linkedNames(
        '<a href="../up"> <a href="/abs"> <a href="https://x/y"> <a HREF=\'ok.img\'> <a href="a%2fb"> <a href="./b/">',
      ),
    ).toEqual(['ok.img', 'b'])
  })

  it('gives nothing where nobody publishes anything', async () => {
    const http = new HttpClient({ environment: {} })
    const ask = (entry: CatalogueEntry, what: 'image' | 'iso') => resolveEntry(entry, what, 'aarch64', http, none)
    await expect(ask(catalogueEntry('windows-11'), 'iso')).rejects.toThrow('Nobody publishes this image')
    await expect(ask(catalogueEntry('arch'), 'image')).rejects.toMatchObject({ detail: { kind: 'unsupported' } })
    await http.close()
  })
})
