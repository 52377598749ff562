/** Commands over SSH, on the connection that terminals share. */
import type { SshClient } from '../../ssh/ssh-client.ts'
import { noShell } from '../../ssh/command-run.ts'
import type { ExecWay } from '../guest/exec-methods.ts'
import type { SshTargets } from './ssh-targets.ts'

export const sshWay = (client: SshClient, targets: SshTargets): ExecWay => ({
  async open(id, _spec, asking) {
    const target = await targets.of(id, asking.signal)
    if (!(await client.connect(target, asking))) throw noShell(target, '')
    return {
      run: (spec, input, { signal }) => client.run(target, spec, input, { signal }),
      release: () => undefined,
    }
  },
})
