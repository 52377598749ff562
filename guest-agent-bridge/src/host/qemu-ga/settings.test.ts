import { expect, it } from 'vitest'
import { refused, ScriptedQemuGa } from '../testing/scripted-qemu-ga.ts'

const asking = { signal: new AbortController().signal }
const saying = (message: string) =>
  new ScriptedQemuGa()
    .on('guest-ssh-get-authorized-keys', () => {
      throw refused(message)
    })
    .connect()

it('who has no file of SSH keys has none; who is not there, and a file that cannot be read, stay failures', async () => {
  const place = '/root/.ssh/authorized_keys'
  const missing = `failed to read '${place}': Failed to open file “${place}”: No such file or directory`
  expect(await (await saying(missing)).sshKeys('root', asking)).toEqual([])
  const closed = await saying(`failed to read '${place}': Failed to open file “${place}”: Permission denied`)
  await expect(closed.sshKeys('root', asking)).rejects.toThrow('Permission denied')
  const nobody = await saying("failed to lookup user 'nix': No such user")
  await expect(nobody.sshKeys('nix', asking)).rejects.toThrow('nix')
})
