import { expect, test } from 'vitest'
import { Sessions } from './sessions.ts'

const yes = async () => true
const no = async () => false
const DAY = 24 * 60 * 60 * 1000

test('a token of this user only is of no use to another one, who does not use it up either', async () => {
  const sessions = new Sessions()
  const token = sessions.newToken({ ownOnly: true })
  expect(await sessions.redeem(token, no)).toBeUndefined()
  const session = await sessions.redeem(token, yes)
  expect(sessions.session(session)).toMatchObject({ kind: 'own' })
  expect(await sessions.redeem(token, yes)).toBeUndefined()
})

test('of two that redeem at once one gets a session', async () => {
  const sessions = new Sessions()
  const token = sessions.newToken()
  const both = await Promise.all([sessions.redeem(token, yes), sessions.redeem(token, yes)])
  expect(both.filter(session => session !== undefined)).toHaveLength(1)
})

test('whoever was given a printed address is a guest, whose session ends with the server', async () => {
  const secret = 'secret'
  const before = new Sessions({ secret })
  const guest = await before.redeem(before.newToken(), no)
  const own = await before.redeem(before.newToken(), yes)
  expect(before.session(guest)).toMatchObject({ kind: 'guest' })
  const after = new Sessions({ secret })
  expect(after.session(guest)).toBeUndefined()
  expect(after.session(own)).toMatchObject({ kind: 'own' })
  expect(new Sessions({ secret, purpose: 'another' }).session(own)).toBeUndefined()
})

test('a session ages and ends', () => {
  const sessions = new Sessions()
  const now = Date.now()
  const id = sessions.newSession('own', now)
  expect(sessions.session(id, now)).toEqual({ kind: 'own', ageing: false })
  expect(sessions.session(id, now + 16 * DAY)).toEqual({ kind: 'own', ageing: true })
  expect(sessions.session(id, now + 31 * DAY)).toBeUndefined()
})

test('nothing about a session can be changed', () => {
  const sessions = new Sessions()
  const id = sessions.newSession('guest')
  const [, until = '', nonce = '', signature = ''] = id.split('.')
  const later = (parseInt(until, 36) + DAY).toString(36)
  for (const forged of [
    `own.${until}.${nonce}.${signature}`,
    `guest.${later}.${nonce}.${signature}`,
    `guest.${until}.${nonce.slice(1)}A.${signature}`,
    `guest.${until}.${nonce}.${'A'.repeat(43)}`,
    `${id}x`,
    `guest.${until}.${nonce}`,
    '',
  ])
    expect(sessions.session(forged)).toBeUndefined()
})

test('only the latest tokens are kept', async () => {
  const sessions = new Sessions()
  const first = sessions.newToken()
  for (let count = 0; count < 16; count++) sessions.newToken()
  expect(await sessions.redeem(first, yes)).toBeUndefined()
})
