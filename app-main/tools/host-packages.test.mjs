import { expect, test } from 'vitest'
import { packagesOf } from '../src/host/action/packages.ts'
import { managers, packagesFor, profiles } from './system-packages.mjs'

const architecture = process.arch === 'arm64' ? 'aarch64' : 'x86_64'

test.each(Object.keys(managers))('Vireo installs with %s whatever its own set-up installs', manager => {
  const wanted = packagesFor(profiles.app, manager).packages
  expect(packagesOf('kvm', manager, architecture)).toEqual(expect.arrayContaining(wanted))
})
