/** Ubuntu's answer file, for the installer of its server media: one key of a cloud-config on the seed. */
import { parse } from 'yaml'
import { z } from 'zod'
import { PYTHON_YAML, pythonYaml } from '../base/python-yaml.ts'
import { RemoteError } from '../contract/index.ts'
import type { AnswerDraft } from './answer-draft.ts'
import { diskName, mirrorFolder, mirrorHost } from './fields.ts'

const MOST_ALIASES = 100

const Document = z.record(z.string(), z.unknown())

/** They are ours, and a person's own user-data is merged into them: whatever it holds stays below its key. */
const documentOf = (text: string, what: string): Record<string, unknown> => {
  const { data } = Document.safeParse(parse(text, { ...PYTHON_YAML, maxAliasCount: MOST_ALIASES }))
  if (data) return data
  throw new RemoteError({ kind: 'invalid-input', message: `The answer file cannot be made: the ${what} is no map.` })
}

/**
 * What Ubuntu's installer itself says of the keys that are written here. Its own schema comes with the installer alone,
 * so this is what can be checked elsewhere.
 */
export const Autoinstall = z.strictObject({
  version: z.literal(1),
  locale: z.string(),
  keyboard: z.strictObject({ layout: z.string() }),
  network: z.looseObject({ version: z.literal(2), ethernets: z.record(z.string(), z.looseObject({})).optional() }),
  storage: z.strictObject({
    layout: z.strictObject({ name: z.enum(['direct', 'lvm']), match: z.strictObject({ path: z.string() }) }),
  }),
  ssh: z.strictObject({ 'install-server': z.boolean(), 'allow-pw': z.boolean() }),
  'user-data': z.looseObject({
    users: z.array(z.unknown()).optional(),
    hostname: z.string().optional(),
    // Within itself it would be read as nothing.
    autoinstall: z.never().optional(),
  }),
  apt: z.strictObject({ primary: z.array(z.strictObject({ arches: z.array(z.string()), uri: z.url() })) }).optional(),
  shutdown: z.literal('poweroff'),
})

const uriOf = ({ host, folder }: { host: string; folder: string }): string =>
  `http://${mirrorHost(host)}${mirrorFolder(folder)}`

/** Throws `invalid-input`. */
export const autoinstall = (draft: AnswerDraft): string => {
  const answers = {
    version: 1,
    locale: 'en_US.UTF-8',
    keyboard: { layout: 'us' },
    network: documentOf(draft.networkConfig, 'network’s document'),
    storage: { layout: { name: 'direct', match: { path: diskName(draft.disk) } } },
    ssh: { 'install-server': true, 'allow-pw': draft.user !== null && draft.user.passwordHash !== null },
    'user-data': documentOf(draft.userData, 'user-data'),
    ...(draft.mirror === null ? {} : { apt: { primary: [{ arches: ['default'], uri: uriOf(draft.mirror) }] } }),
    shutdown: 'poweroff',
  }
  return `#cloud-config\n${pythonYaml({ autoinstall: answers })}`
}
