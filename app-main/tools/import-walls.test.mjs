import { expect, test } from 'vitest'
import { brokenWalls } from './import-walls.mjs'

test.each([
  ['app-main/src/surface/web/serve.ts', "import { run } from '../cli/run.ts'"],
  ['app-main/src/surface/cli/run.ts', "const { serve } = await import('../web/serve.ts')"],
  ['app-main/src/hypervisor/kvm/driver.ts', "export { x } from '../lxd/driver.ts'"],
  ['app-main/src/job/queue.ts', "import '../image/fetch.ts'"],
])('%s may not say %s', (file, text) => {
  expect(brokenWalls(file, text)).toHaveLength(1)
})

test.each([
  ['app-main/src/surface/web/serve.ts', "import { serveApi } from './api.ts'"],
  ['app-main/src/surface/web/serve.ts', "import type { Dispatcher } from '../../dispatch/dispatcher.ts'"],
  ['app-main/src/cli.ts', "import { serve } from './surface/web/serve.ts'"],
  ['app-main/src/hypervisor/kvm/driver.ts', "import { connect } from '../../libvirt/index.ts'"],
])('%s may say %s', (file, text) => {
  expect(brokenWalls(file, text)).toEqual([])
})
