import { expect, test } from 'vitest'
import { chooseShell, explainChoice } from './choose-shell.mjs'

const desktop = {
  wanted: undefined,
  root: false,
  display: true,
  electron: { state: 'here' },
  sandbox: undefined,
  chromium: '/usr/bin/chromium',
  opener: '/usr/bin/xdg-open',
}
const failed = { state: 'failed', why: 'no byte arrived for 20 s' }

test('Electron comes first', () => {
  expect(chooseShell(desktop)).toEqual({ shell: 'electron', reasons: [] })
})

test('Electron that is absent is downloaded before anything is decided', () => {
  expect(chooseShell({ ...desktop, electron: { state: 'absent' } })).toEqual({ download: true })
  expect(chooseShell({ ...desktop, electron: { state: 'absent' }, wanted: 'electron' })).toEqual({ download: true })
})

test.each([
  ['could not be downloaded', { electron: failed }, 'chromium', /no byte arrived for 20 s/],
  ['does not run', { electron: { state: 'broken', why: 'code 127' } }, 'chromium', /does not run here \(code 127\)/],
  ['is refused its sandbox', { sandbox: 'AppArmor' }, 'chromium', /sandbox \(AppArmor\)/],
  ['and Chromium refuse root', { root: true }, 'default-browser', /Electron refuses.*root.*Chromium refuses.*root/],
  ['is not there and no Chromium', { electron: failed, chromium: undefined }, 'default-browser', /Chromium family/],
  [
    'is not there, no Chromium, no opener',
    { electron: failed, chromium: undefined, opener: undefined },
    'none',
    /xdg-open/,
  ],
  ['has no display', { display: false }, 'none', /no display/],
])('when Electron %s, the next shell says why', (_when, change, shell, why) => {
  const choice = chooseShell({ ...desktop, ...change })
  expect(choice.shell).toBe(shell)
  expect(explainChoice(choice)).toMatch(why)
  expect(explainChoice(choice)).not.toContain('\n')
})

test('nothing is downloaded where Electron could not run anyway', () => {
  const absent = { ...desktop, electron: { state: 'absent' } }
  for (const change of [{ root: true }, { display: false }, { sandbox: 'AppArmor' }])
    expect(chooseShell({ ...absent, ...change })).not.toHaveProperty('download')
})

test('a forced shell is taken although a better one is there', () => {
  expect(chooseShell({ ...desktop, wanted: 'browser' }).shell).toBe('chromium')
  expect(chooseShell({ ...desktop, wanted: 'none' }).shell).toBe('none')
  expect(chooseShell({ ...desktop, wanted: 'electron' }).shell).toBe('electron')
})

test.each([
  ['electron', { root: true }, /root/],
  ['electron', { electron: failed }, /no byte arrived/],
  ['electron', { display: false }, /no display/],
  ['electron', { sandbox: 'AppArmor' }, /AppArmor/],
  ['browser', { display: false }, /no display/],
  ['browser', { chromium: undefined, opener: undefined }, /xdg-open/],
])('forced %s that is impossible is an error, not another shell', (wanted, change, why) => {
  const choice = chooseShell({ ...desktop, ...change, wanted })
  expect(choice.shell).toBeUndefined()
  expect(choice.error).toMatch(why)
})
