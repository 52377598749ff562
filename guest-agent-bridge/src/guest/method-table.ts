import type { Method } from './method.ts'
import { accountMethods } from './methods/account.ts'
import { clockMethods } from './methods/clock.ts'
import { directoryMethods } from './methods/directory.ts'
import { fileReadMethods } from './methods/file-read.ts'
import { fileWriteMethods } from './methods/file-write.ts'
import { FrozenGuard } from './methods/frozen.ts'
import { powerMethods } from './methods/power.ts'
import { processMethods } from './methods/process.ts'
import { seedMeasureMethods } from './methods/seed-measures.ts'
import { serviceMethods } from './methods/service.ts'
import { systemMethods } from './methods/system.ts'
import { trimMethods } from './methods/trim.ts'
import { quiesceMethods } from './quiesce/quiesce-methods.ts'

const frozen = new FrozenGuard()

/** All methods of the agent, topic by topic; a new topic adds its line. */
export const methods: readonly Method[] = [
  ...systemMethods,
  ...seedMeasureMethods,
  ...fileReadMethods,
  ...fileWriteMethods(frozen),
  ...directoryMethods(frozen),
  ...processMethods(),
  ...serviceMethods,
  ...accountMethods,
  ...clockMethods,
  ...powerMethods(),
  ...trimMethods(frozen),
  ...quiesceMethods(frozen),
]
