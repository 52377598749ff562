import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { CreateDraft, type CreateDraftInput } from '../../contract/index.ts'
import { draftFile } from './draft-file.ts'

it.each<[string, Partial<CreateDraftInput>, string]>([
  ['nothing but a name', {}, 'source: debian-13\nname: web\n'],
  ['sizes with their units', { memory: '1536M', disk: '20G' }, 'memory: 1536M\ndisk: 20G\n'],
  ['odd sizes', { disk: 2 ** 30 + 1 }, 'disk: 1073741825\n'],
  ['nobody who logs in', { user: null }, 'user: null\n'],
  ['no network', { networks: [] }, 'networks: []\n'],
  [
    'cards and disks',
    {
      ...{ disks: [{ size: '1G', bus: 'sata' }], start: false, vireoAgent: false, sshKeys: ['ssh-ed25519 AAAA me'] },
      networks: [
        { type: 'bridge', source: 'br0', address: '10.0.0.5/24', nameServers: ['10.0.0.1'] },
        { forwards: [{ host: 2222, guest: 22 }] },
      ],
    },
    'start: false',
  ],
  [
    'texts of several lines',
    { userData: '#cloud-config\npackages: [vim]\n', notes: 'a: b\n- c', runcmd: ['a\nb'] },
    '|',
  ],
])('a file of %s means the same', (_what, part, words) => {
  const draft = CreateDraft.parse({ source: 'debian-13', name: 'web', ...part })
  const file = draftFile(draft)
  expect(file).toContain(words)
  expect(CreateDraft.parse(parse(file))).toEqual(draft)
})
