import { expect, it } from 'vitest'
import { CreateDraft, RemoteError, type CreateDraftInput } from '../../contract/index.ts'
import type { CreationHost } from '../../hypervisor/creation.ts'
import { seedPreview } from './seed-preview.ts'

const host: CreationHost = {
  ...{ local: true, foreignUser: true, arch: 'x86_64', machine: 'q35', emulator: null, kvm: true, maximumCpu: true },
  ...{ hostPassthrough: true, cpus: 8, memoryBytes: 2 ** 34, maxCpus: 255, uefi: true, secureBoot: true, tpm: true },
  ...{ virtioVideo: true, vdagent: false, passt: false, backingStoreInput: true, networks: [] },
}
const operation = { signal: new AbortController().signal, progress: () => undefined }
const notHere = async () => {
  throw new RemoteError({ kind: 'precondition', message: 'It is not here yet.' })
}
const previewed = (draft: Partial<CreateDraftInput>) =>
  seedPreview(
    CreateDraft.parse({ source: 'fedora-42', name: 'web', ...draft }),
    { host, resolve: notHere, agentThere: false, mac: () => '52:54:00:00:00:01' },
    operation,
  )

it('merges user-data although the image is not here, for the user whom it will have', async () => {
  const userData = '#cloud-config\nusers:\n  - name: debian\n    gecos: Me\npackages: [vim]\n'
  const { seed, warnings } = await previewed({ source: 'build:debian-12', userData, packages: ['git'] })
  expect(seed?.userData).toMatch(/name: debian[^]*gecos: Me/)
  expect(seed?.userData).toMatch(/- git\n\s*- vim/)
  expect(warnings).toEqual([])
})

it('tells what is wrong with user-data, whatever else is', async () => {
  const networks = [{ type: 'bridge' as const }]
  await expect(previewed({ userData: 'packages: [vim]' })).rejects.toThrow(/first line/)
  await expect(previewed({ networks, userData: '#cloud-config\na: [\n' })).rejects.toMatchObject({
    detail: { kind: 'invalid-input', issues: [expect.stringMatching(/^line 2|^line 3/)] },
  })
  expect((await previewed({ userData: '#cloud-config\npackges: [vim]\n' })).warnings).toEqual([
    expect.stringContaining('packges'),
  ])
})

it('has nothing to say for an installation medium', async () => {
  expect(await previewed({ source: 'debian-12:iso' })).toEqual({ seed: null, warnings: [] })
  expect(await previewed({ source: '/images/Setup.ISO' })).toEqual({ seed: null, warnings: [] })
})
