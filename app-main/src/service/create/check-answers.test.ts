import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HttpClient } from '../../image/http.ts'
import { fileServer, type FileServer } from '../../image/testing/file-server.ts'
import { checkAnswers, PUBLISHED, sampleJobs } from './check-answers.ts'

const never = new AbortController().signal
const MAC = '^([0-9a-f]{2}:){5}[0-9a-f]{2}$'

/** Stand-ins for what is published, small and strict: what is sent, and who judges, are the real ones. */
const autoinstall = (shutdown = 'poweroff') => ({
  type: 'object',
  required: ['version', 'user-data'],
  properties: { version: { const: 1 }, shutdown: { enum: [shutdown] }, 'user-data': { type: 'object' } },
})
const cloudConfig = {
  properties: { users: { type: 'array' }, hostname: { type: 'string' }, autoinstall: { type: 'object' } },
}
const card = { properties: { match: { properties: { macaddress: { type: 'string', pattern: MAC } } } } }
const network = {
  properties: { network: { properties: { ethernets: { type: 'object', additionalProperties: card } } } },
}

describe('the answers for Ubuntu and cloud-init', () => {
  let server: FileServer
  let http: HttpClient
  const publish = (name: keyof typeof PUBLISHED, schema: unknown) =>
    server.put(new URL(PUBLISHED[name].url).pathname, typeof schema === 'string' ? schema : JSON.stringify(schema))
  const check = () => checkAnswers(http, never)
  beforeEach(async () => {
    server = await fileServer()
    http = new HttpClient({ environment: {}, mirrors: () => ({ 'https://raw.githubusercontent.com': server.origin }) })
    publish('autoinstall', autoinstall())
    publish('cloud-config', cloudConfig)
    publish('network-config', network)
  })
  afterEach(async () => {
    await http.close()
    await server[Symbol.asyncDispose]()
  })

  it('are put before every published schema, all of them', async () => {
    const all = await check()
    expect(all.filter(({ problems }) => problems.length > 0)).toEqual([])
    expect(all.map(({ name }) => name)).toEqual(sampleJobs().map(({ name }) => name))
    expect(new Set(all.map(({ by }) => by))).toEqual(new Set(Object.keys(PUBLISHED)))
    expect(server.requests).toHaveLength(3)
  })

  it('are told of where a schema has changed', async () => {
    publish('autoinstall', autoinstall('halt'))
    const wrong = (await check()).filter(({ problems }) => problems.length > 0)
    expect(wrong.every(({ by }) => by === 'autoinstall')).toBe(true)
    expect(wrong[0]?.problems.join()).toMatch(/^shutdown: .*halt/)
  })

  it('are not called good by nobody', async () => {
    publish('cloud-config', {})
    await expect(check()).rejects.toThrow(/refuses nothing/)
    publish('cloud-config', '<html>')
    await expect(check()).rejects.toThrow(/Nothing could be judged/)
    server.files.clear()
    await expect(check()).rejects.toThrow(/not there any more/)
  })
})
