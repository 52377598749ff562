import { GuestEntry, GuestProcess, GuestService, GuestTelemetry, GuestUser } from '@vireo/app-main/contract'
import fc from 'fast-check'
import { fuzzTarget } from '../testing/fuzz-target.ts'
import { readEntries } from './directory.ts'
import { readMeasure, telemetryOfProc } from './measure.ts'
import { readProcesses } from './processes.ts'
import { readServices, readTrimmed, readUsers } from './system.ts'

const word = fc.constantFrom(
  ...[
    'cpu  1 2 3 4',
    'MemTotal:  12 kB',
    'eth0: 1 2 3 4 5 6 7 8 9',
    '--vireo--\n',
    '\n',
    '\t',
    ' ',
    '\0',
    '12 (a) b) S 1 1',
    '-1',
  ],
  ...[
    '99999999999999999999',
    '0.5 100 4096',
    '1/cmdline:x',
    '1/status:Uid:\t0',
    'root:0',
    'x.service enabled',
    '2: eth0 inet 1.2.3.4/5',
  ],
  ...['f\t644\t1\t1.0\troot\troot\tname\t', '(5 bytes) trimmed', 'x.service loaded active running X', 'NaN', '1e999'],
)
const text = fc
  .array(fc.oneof(word, fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 40 })
  .map(parts => parts.join(''))

export const targets = [
  fuzzTarget(
    'whatever /proc says, measurements are numbers in range or null',
    fc.property(text, said => {
      const sample = GuestTelemetry.parse(telemetryOfProc(readMeasure(said), { busy: 1, total: 2 }, 0))
      if ((sample.cpuPercent ?? 0) < 0 || (sample.cpuPercent ?? 0) > 100) throw new Error('a share beyond the whole')
    }),
  ),
  fuzzTarget(
    'whatever is listed, entries keep their shape',
    fc.property(text, said => {
      GuestProcess.array().parse(readProcesses(said, 0))
      GuestEntry.array().parse(readEntries(said))
      GuestService.array().parse(readServices(said))
      GuestUser.array().parse(readUsers(said))
      if (!Number.isFinite(readTrimmed(said))) throw new Error('no number')
    }),
  ),
]
