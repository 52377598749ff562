import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { call, contract, stream } from '../../contract/index.ts'
import { commandSpecs, inputOf, needsConnections } from './command-spec.ts'
import { OWN_COMMANDS } from './own-commands.ts'

const small = {
  thing: {
    paint: call({
      ...{ summary: 'Paints.', verb: 'paint', target: 'domain', effect: 'change', output: z.object({}) },
      input: z.object({
        id: z.string(),
        coatCount: z.number().int().min(1).default(2).describe('coats'),
        colour: z.enum(['red', 'blue']),
        dry: z.boolean().default(true).describe('let it dry'),
        glossy: z.boolean().default(false).describe('shine'),
        note: z.string().optional(),
      }),
    }),
    write: call({
      ...{ summary: '', verb: 'write', effect: 'change', output: z.object({}) },
      input: z.object({ title: z.string(), text: z.string().max(1_000_000), connection: z.string() }),
    }),
    hidden: call({ summary: '', effect: 'read', input: z.object({}), output: z.object({}) }),
    pour: stream({ summary: '', verb: 'pour', effect: 'change', input: z.object({}) }),
  },
} as const

describe('commands from a contract', () => {
  const specs = commandSpecs(small)
  const paint = specs[0]!

  it('are the entries with a verb', () => {
    expect(specs.map(({ verb }) => verb)).toEqual(['paint', 'write', 'pour'])
  })

  it('take options from the input schema', () => {
    expect(paint.positionals).toEqual([{ property: 'id', label: 'name', kind: 'domain' }])
    expect(paint.options).toMatchObject([
      { flags: '--coat-count <number>', description: 'coats (default: 2)', type: 'number', required: false },
      { flags: '--colour <colour>', choices: ['red', 'blue'], required: true },
      { flags: '--no-dry', description: 'not: let it dry' },
      { flags: '--glossy', description: 'shine' },
      { flags: '--note <text>', type: 'text' },
    ])
  })

  it('read documents from files and leave the connection to its own option', () => {
    expect(specs[1]).toMatchObject({
      ...{ options: [], onConnection: true },
      positionals: [
        { property: 'title', kind: 'text' },
        { property: 'text', kind: 'file' },
      ],
    })
  })

  it('hand over what was typed, and leave judging to the dispatcher', () => {
    const typed = { coatCount: '3', dry: false, colour: 'green', json: true }
    expect(inputOf(paint, { id: 'x' }, typed)).toEqual({ id: 'x', coatCount: 3, dry: false, colour: 'green' })
    expect(inputOf(paint, {}, { coatCount: 'many' })).toEqual({ coatCount: 'many' })
    expect(inputOf(paint, {}, { coatCount: ' ' })).toEqual({ coatCount: ' ' })
  })

  it('take what may be absent, and one of several words, as what can be typed', () => {
    const choice = z.enum(['a', 'b']).or(z.literal('auto')).default('auto')
    const input = z.object({ id: z.string(), pid: z.number().int(), token: z.string().nullable().default(null) })
    const call1 = call({
      ...{ summary: '', verb: 'guest kill', target: 'domain', effect: 'change', output: z.object({}) },
      input: input.extend({ port: z.number().int().nullable().optional(), how: choice }),
    })
    const [spec] = commandSpecs({ room: { call1 } })
    expect(spec?.positionals).toMatchObject([{ kind: 'domain' }, { property: 'pid', kind: 'number' }])
    expect(spec?.options).toMatchObject([
      { flags: '--token <text>', type: 'text', description: '' },
      { flags: '--port <number>', type: 'number' },
      { flags: '--how <how>', choices: ['a', 'b', 'auto'] },
    ])
    expect(inputOf(spec!, { id: 'x', pid: '7' }, { port: '22' })).toEqual({ id: 'x', pid: 7, port: 22 })
    expect(inputOf(spec!, { id: 'x', pid: 'many' }, {})).toEqual({ id: 'x', pid: 'many' })
  })

  it('cover what a person expects of Vireo', () => {
    const real = commandSpecs(contract)
    const verbs = 'list info start shutdown destroy reboot reset suspend resume save autostart console screenshot'
    expect(real.map(({ verb }) => verb)).toEqual(expect.arrayContaining(verbs.split(' ')))
    const all = [...real, ...OWN_COMMANDS.map(({ spec }) => spec)].map(({ verb }) => verb)
    expect(all.filter((verb, index) => all.indexOf(verb) !== index)).toEqual([])
    expect(real.filter(needsConnections).map(({ verb }) => verb)).not.toContain('connect')
  })
})

it('has every command once: a second one of a name would keep the whole program from starting', () => {
  const verbs = [...commandSpecs(contract), ...OWN_COMMANDS.map(({ spec }) => spec)].map(({ verb }) => verb)
  expect(verbs.filter((verb, index) => verbs.indexOf(verb) !== index)).toEqual([])
  expect(verbs.length).toBeGreaterThan(OWN_COMMANDS.length)
})
