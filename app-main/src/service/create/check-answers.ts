/** Asks the schemas that Ubuntu’s installer and cloud-init publish whether what Vireo writes for them is theirs. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { PYTHON_YAML, pythonYaml } from '../../base/python-yaml.ts'
import { RemoteError } from '../../contract/index.ts'
import type { HttpClient } from '../../image/http.ts'
import { lastWords, needTool, runTool } from '../../image/run-tool.ts'
import { cloudSamples, ubuntuSamples, type SampleDocuments } from './answer-samples.ts'

export interface CheckedAnswers {
  /** Which document of which machine, an English phrase. */
  readonly name: string
  /** Whose schema it was put before. */
  readonly by: SchemaName
  /** What is wrong, where in the document and why; empty when all is well. */
  readonly problems: readonly string[]
}

const GITHUB = 'https://raw.githubusercontent.com/canonical'
const CLOUD_INIT = `${GITHUB}/cloud-init/main/cloudinit/config/schemas`

/** Where they are published, and a document that each must refuse: one that takes everything proves nothing. */
export const PUBLISHED = {
  autoinstall: { url: `${GITHUB}/subiquity/main/autoinstall-schema.json`, bad: { version: 'one' } },
  'cloud-config': { url: `${CLOUD_INIT}/schema-cloud-config-v1.json`, bad: { users: 5 } },
  'network-config': {
    url: `${CLOUD_INIT}/schema-network-config-v2.json`,
    bad: { network: { version: 2, ethernets: 5 } },
  },
} as const
export type SchemaName = keyof typeof PUBLISHED

interface Job {
  readonly name: string
  readonly by: SchemaName
  /** As the guest would read it. */
  readonly text: string
}

const Installer = z.looseObject({ autoinstall: z.looseObject({ 'user-data': z.unknown() }) })

const networkJob = ({ name, networkConfig }: SampleDocuments): Job => ({
  ...{ name: `${name}: network`, by: 'network-config' },
  text: pythonYaml({ network: parse(networkConfig, PYTHON_YAML) }),
})

const cloudJobs = (one: SampleDocuments): Job[] => [
  { name: `${one.name}: user-data`, by: 'cloud-config', text: one.userData },
  networkJob(one),
]

/** The document around it is cloud-init’s, what is within is the installer’s, and there is user-data in that again. */
const ubuntuJobs = (one: SampleDocuments): Job[] => {
  const { autoinstall } = Installer.parse(parse(one.userData, PYTHON_YAML))
  return [
    ...cloudJobs(one),
    { name: `${one.name}: answers`, by: 'autoinstall', text: pythonYaml(autoinstall) },
    { name: `${one.name}: user-data within`, by: 'cloud-config', text: pythonYaml(autoinstall['user-data']) },
  ]
}

export const sampleJobs = (): Job[] => [...ubuntuSamples().flatMap(ubuntuJobs), ...cloudSamples().flatMap(cloudJobs)]

/** The library is the one that both of them use, and so is the reader of YAML. */
const JUDGE = `
import json, os, sys
import jsonschema, yaml
os.chdir(sys.argv[1])
reader = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)
judges = {}
for name in json.load(open('schemas.json')):
    schema = json.load(open(name + '.schema.json'))
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    judges[name] = kind(schema)
for job in json.load(open('jobs.json')):
    errors = judges[job['by']].iter_errors(yaml.load(job['text'], reader))
    print(json.dumps([('.'.join(map(str, one.path)) or 'all of it') + ': ' + one.message[:300] for one in errors]))
`
const Problems = z.array(z.string())

const judge = async (
  schemas: ReadonlyMap<SchemaName, string>,
  jobs: readonly Job[],
  signal: AbortSignal,
): Promise<CheckedAnswers[]> => {
  const python = needTool('python3', 'python3')
  const folder = await mkdtemp(join(tmpdir(), 'vireo-answers-'))
  try {
    await writeFile(join(folder, 'schemas.json'), JSON.stringify([...schemas.keys()]))
    for (const [name, text] of schemas) await writeFile(join(folder, `${name}.schema.json`), text)
    await writeFile(join(folder, 'jobs.json'), JSON.stringify(jobs))
    const verdicts: string[][] = []
    const onLine = (line: string) => {
      if (line.startsWith('[')) verdicts.push(Problems.parse(JSON.parse(line)))
    }
    const end = await runTool(python, ['-W', 'ignore', '-c', JUDGE, folder], { signal, ms: 120_000, onLine })
    if (end.code !== 0 || verdicts.length !== jobs.length)
      throw new RemoteError({
        ...{ kind: 'unsupported', message: `Nothing could be judged: ${lastWords(end)}` },
        hint: 'On Debian and Ubuntu, install the packages python3-jsonschema and python3-yaml.',
      })
    return jobs.map(({ name, by }, index) => ({ name, by, problems: verdicts[index] ?? [] }))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const CONTROL = 'a document that must be refused'

/**
 * Fetches the schemas and puts every kind of document before them. Throws `not-found`, `connection` and the like when a schema
 * cannot be had, and `precondition` when what comes is none.
 */
export const checkAnswers = async (http: HttpClient, signal: AbortSignal): Promise<CheckedAnswers[]> => {
  const schemas = new Map<SchemaName, string>()
  const controls: Job[] = []
  for (const by of ['autoinstall', 'cloud-config', 'network-config'] as const) {
    const { url, bad } = PUBLISHED[by]
    schemas.set(by, await http.text(url, signal))
    controls.push({ name: CONTROL, by, text: pythonYaml(bad) })
  }
  const all = await judge(schemas, [...controls, ...sampleJobs()], signal)
  const blind = all.find(({ name, problems }) => name === CONTROL && problems.length === 0)
  if (blind) throw new RemoteError({ kind: 'precondition', message: `${PUBLISHED[blind.by].url} refuses nothing.` })
  return all.filter(({ name }) => name !== CONTROL)
}
