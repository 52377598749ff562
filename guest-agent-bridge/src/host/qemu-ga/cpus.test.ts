import { expect, it } from 'vitest'
import { refused, ScriptedQemuGa } from '../testing/scripted-qemu-ga.ts'

const asking = { signal: new AbortController().signal }

/** A guest with processors 0 to 3, of which 0 cannot go and 3 is not used; `set` is what it makes of a wish. */
const guestWith = (set: (vcpus: readonly unknown[]) => unknown) =>
  new ScriptedQemuGa()
    .on('guest-get-vcpus', () =>
      [3, 0, 2, 1].map(id => ({ 'logical-id': id, online: id !== 3, ...(id === 1 ? {} : { 'can-offline': id > 0 }) })),
    )
    .on('guest-set-vcpus', ({ vcpus }) => set(Array.isArray(vcpus) ? vcpus : []))

const wishes = (guest: ScriptedQemuGa) =>
  guest.asked.flatMap(({ command, args }) => (command === 'guest-set-vcpus' ? [args['vcpus']] : []))

it('the processors are told in their order', async () => {
  const agent = await guestWith(() => 0).connect()
  expect(await agent.cpus(asking)).toEqual([
    { id: 0, online: true, canOffline: false },
    { id: 1, online: true, canOffline: null },
    { id: 2, online: true, canOffline: true },
    { id: 3, online: false, canOffline: true },
  ])
})

it('what the guest did not come to is asked for again, so that it says why', async () => {
  const guest = guestWith(vcpus => {
    if (vcpus.length === 2) return 1
    throw refused('failed to open the file: Permission denied')
  })
  const agent = await guest.connect()
  const changes = [
    { id: 3, online: true },
    { id: 2, online: false },
  ]
  await expect(agent.setCpus(changes, asking)).rejects.toMatchObject({ message: expect.stringContaining('denied') })
  expect(wishes(guest)).toEqual([
    [
      { 'logical-id': 3, online: true },
      { 'logical-id': 2, online: false },
    ],
    [{ 'logical-id': 2, online: false }],
  ])
})

it('nothing is changed where a part of it cannot be', async () => {
  const guest = guestWith(vcpus => vcpus.length)
  const agent = await guest.connect()
  const kindOf = (changes: readonly { id: number; online: boolean }[]) =>
    agent.setCpus(changes, asking).then(
      () => 'done',
      (error: { detail: { kind: string } }) => error.detail.kind,
    )
  const off = (...ids: number[]) => ids.map(id => ({ id, online: false }))
  expect(await kindOf([...off(2), { id: 4, online: true }])).toBe('not-found')
  expect(await kindOf(off(2, 0))).toBe('precondition')
  expect(wishes(guest)).toEqual([])
  expect(await kindOf(off(2, 1))).toBe('done')
})

it('a guest that claims to have done nothing, or more than it was asked, is not asked for ever', async () => {
  for (const claim of [0, 2, 1e9, -1]) {
    const guest = guestWith(() => claim)
    const agent = await guest.connect()
    await expect(agent.setCpus([{ id: 2, online: false }], asking)).rejects.toMatchObject({
      detail: { kind: 'refused' },
    })
    expect(wishes(guest)).toHaveLength(1)
  }
})
