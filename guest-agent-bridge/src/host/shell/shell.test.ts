import { expect, test } from 'vitest'
import { readEntries } from './directory.ts'
import { PRELUDE, shellFailure } from './guest-shell.ts'
import { cpuPercent, cpuTicks, readMeasure, telemetryOfProc } from './measure.ts'
import { readProcesses } from './processes.ts'
import { readServices, readTrimmed, readUsers } from './system.ts'

const MARK = '--vireo--\n'

test('telemetry is read from the texts of /proc', () => {
  const texts = readMeasure(
    [
      'cpu  100 0 100 700 100 0 0 0 0 0\n',
      'MemTotal:        2048 kB\nMemAvailable:    1024 kB\nSwapTotal: 512 kB\nSwapFree: 128 kB\n',
      '0.50 0.25 0.10 1/100 999\n',
      '4242.42 8000.00\n',
      ' face |bytes\n    lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n  eth0: 1000 2 0 0 0 0 0 0 2000 3 0 0 0 0 0 0\n',
      '2: eth0    inet 10.0.0.2/24 brd 10.0.0.255 scope global eth0\n' +
        '2: eth0: <BROADCAST,UP,LOWER_UP> mtu 1400 qdisc fq state UP link/ether 52:54:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n',
      '77\n',
    ]
      .map(text => text + MARK)
      .join(''),
  )
  expect(telemetryOfProc(texts, { busy: 100, total: 800 }, 5)).toEqual({
    ...{ at: 5, cpuPercent: 50, memoryTotalBytes: 2_097_152, memoryAvailableBytes: 1_048_576, filesystems: [] },
    ...{
      swapTotalBytes: 524_288,
      swapUsedBytes: 393_216,
      load: [0.5, 0.25, 0.1],
      processCount: 77,
      uptimeSeconds: 4242.42,
    },
    interfaces: [
      {
        ...{ name: 'eth0', mac: '52:54:00:00:00:01', addresses: ['10.0.0.2/24'], up: true, mtu: 1400 },
        ...{ receivedBytes: 1000, sentBytes: 2000 },
      },
    ],
  })
})

test('a CPU whose counters went backwards has no share', () => {
  expect(cpuPercent({ busy: 10, total: 20 }, { busy: 5, total: 30 })).toBeNull()
  expect(cpuPercent({ busy: 10, total: 20 }, { busy: 10, total: 20 })).toBeNull()
  expect(cpuTicks('cpu  1 -2 3 4\n')).toBeNull()
})

test('a process may be called anything', () => {
  const [process] = readProcesses(
    [
      '100.00 100 4096\n7 (a) S (b) R 1 7 7 0 -1 4 0 0 0 0 500 500 0 0 20 0 1 0 5000 9999 25 18446744073709551615\n',
      '7/status:Uid:\t1000\t1000\t1000\t1000\n',
      '7/cmdline:/bin/x --flag \u001b[31m\n7/cmdline:second line\n',
      'root:0\nada:1000\n',
    ].join(MARK),
    1_000_000,
  )
  expect(process).toEqual({
    ...{
      pid: 7,
      parentPid: 1,
      name: 'a) S (b',
      command: '/bin/x --flag \ufffd[31m second line',
      user: 'ada',
      state: 'R',
    },
    ...{ cpuPercent: 20, memoryBytes: 102_400, startedAt: 950_000 },
  })
})

test('those who make the list are not on it', () => {
  const stat = (pid: number, parent: number): string =>
    `${pid} (sh) S ${parent} 7 7 0 -1 4 0 0 0 0 5 5 0 0 20 0 1 0 5000 9999 25 0\n`
  const text = `100.00 100 4096 40\n${stat(7, 1)}${stat(40, 7)}${stat(41, 40)}${stat(42, 7)}${stat(50, 7)}${stat(51, 50)}${stat(52, 7)}`
  // What measures meanwhile, before it becomes cat and after.
  const commands = [
    '42/cmdline:/bin/sh -c make',
    `50/cmdline:/bin/sh -c ${PRELUDE}set -- /proc/[0-9]*; echo`,
    '52/cmdline:cat /proc/loadavg /proc/uptime /proc/meminfo',
    '',
  ]
  expect(readProcesses([text, '', commands.join('\n'), ''].join(MARK), 1_000_000).map(({ pid }) => pid)).toEqual([
    7, 42,
  ])
})

test('entries keep names with tabs and newlines', () => {
  const text = 'f\t644\t5\t1700000000.5\troot\tstaff\ta\tb\nc\t\0l\t777\t1\t1700000000\troot\troot\tl\t/to\0broken\0'
  expect(readEntries(text).map(({ name, type, mode, linkTarget }) => [name, type, mode, linkTarget])).toEqual([
    ['a\tb\nc', 'file', 0o644, null],
    ['l', 'link', 0o777, '/to'],
  ])
})

test('services join what runs and what is installed', () => {
  const text =
    'ssh.service loaded active running OpenSSH server\nfsck.service loaded active exited Check\nbad.service loaded failed failed Bad\n' +
    `${MARK}ssh.service enabled enabled\ncron.service disabled enabled\ngetty@.service enabled enabled\nfsck.service static -\n`
  expect(readServices(text)).toEqual([
    { name: 'bad', description: 'Bad', state: 'failed', enabled: null },
    { name: 'cron', description: null, state: 'stopped', enabled: false },
    { name: 'fsck', description: 'Check', state: 'exited', enabled: null },
    { name: 'ssh', description: 'OpenSSH server', state: 'running', enabled: true },
  ])
})

test('users and trimmed bytes are read line by line', () => {
  expect(readUsers('root     ttyS0        2026-11-21 08:00\nada pts/0 2026-11-21 08:00 (10.0.0.1)\n')).toEqual([
    { name: 'root', loginAt: null, terminal: 'ttyS0' },
    { name: 'ada', loginAt: null, terminal: 'pts/0' },
  ])
  expect(readTrimmed('/: 1 GiB (1073741824 bytes) trimmed on /dev/vda1\n/boot: 5 B (5 bytes) trimmed\n')).toBe(
    1_073_741_829,
  )
})

test.each([
  ["stat: cannot stat 'x': No such file or directory", 'not-found'],
  ['cat: x: Permission denied', 'permission'],
  ["mkdir: cannot create directory 'x': File exists", 'precondition'],
  ['something else', 'refused'],
])('%s is %s', (stderr, kind) => {
  expect(shellFailure({ code: 1, stdout: '', stderr }).detail.kind).toBe(kind)
})
