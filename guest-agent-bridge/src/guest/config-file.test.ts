import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { defaultConfig } from './config.ts'
import { configKeys, readConfig } from './config-file.ts'

test('an empty file restricts nothing', () => {
  expect(readConfig('{}')).toEqual({ config: defaultConfig, warnings: [] })
  const nulls = { log_file: null, device_path: 'auto', security: { command_whitelist: null, allowed_read_paths: null } }
  expect(readConfig(JSON.stringify(nulls))).toEqual({ config: defaultConfig, warnings: [] })
})

test("KVM Manager's keys", () => {
  const file = new URL('../../packaging/hardened.json', import.meta.url)
  const { config, warnings } = readConfig(readFileSync(file, 'utf8'))
  expect(warnings).toEqual([])
  expect(config).toMatchObject({
    logFile: '/var/log/vireo-agent.log',
    channelName: 'org.vireo.agent.0',
    connectionRetrySeconds: 5,
    maxMessageBytes: 65_536,
    requestTimeoutSeconds: 30,
    maxConcurrentRequests: 10,
    maxExecTimeoutSeconds: 300,
    security: { writePaths: [['/tmp/vireo']], commandWhitelists: [], maxFileBytes: 10_485_760 },
  })
})

test("Quantix's keys", () => {
  const { config, warnings } = readConfig(
    JSON.stringify({
      telemetry_interval_secs: 7,
      max_exec_timeout_secs: 100,
      max_chunk_size: 4096,
      log_level: 'trace',
      log_format: 'json',
      log_file: '',
      log_max_size_bytes: 5000,
      log_max_files: 2,
      device_path: '/dev/ttyS1',
      pre_freeze_script_dir: '/a',
      post_thaw_script_dir: '/b',
      security: {
        command_allowlist: [],
        command_blocklist: ['rm'],
        allow_file_write_paths: [],
        deny_file_read_paths: ['/etc/shadow'],
        max_commands_per_minute: 0,
        max_file_ops_per_second: 9,
        audit_logging: true,
      },
      health: { enabled: true, interval_secs: 3, telemetry_timeout_secs: 4 },
    }),
  )
  expect(warnings).toEqual([])
  expect(config).toMatchObject({
    telemetryIntervalSeconds: 7,
    maxExecTimeoutSeconds: 100,
    maxChunkBytes: 4096,
    logLevel: 'trace',
    logFormat: 'json',
    logFile: null,
    logMaxBytes: 5000,
    logMaxFiles: 2,
    devicePath: '/dev/ttyS1',
    preFreezeDirectory: '/a',
    postThawDirectory: '/b',
    health: { intervalSeconds: 3, telemetryTimeoutSeconds: 4 },
  })
  // Empty lists of Quantix allow everything, a rate of 0 is none.
  expect(config.security).toEqual({
    ...defaultConfig.security,
    commandBlocklist: ['rm'],
    denyReadPaths: ['/etc/shadow'],
    maxFileOperationsPerSecond: 9,
    auditLogging: true,
  })
})

test("where both agents' keys say something, both are in force", () => {
  const security = {
    allowed_write_paths: ['/a'],
    allow_file_write_paths: ['/b'],
    command_whitelist: ['x'],
    command_allowlist: ['y'],
    max_command_timeout_seconds: 9,
  }
  const { config } = readConfig(JSON.stringify({ security, max_exec_timeout_secs: 5 }))
  expect(config.security.writePaths).toEqual([['/a'], ['/b']])
  expect(config.security.commandWhitelists).toEqual([['x'], ['y']])
  expect(config.maxExecTimeoutSeconds).toBe(5)
})

test("KVM Manager's empty lists allow nothing", () => {
  const { config } = readConfig(
    '{"security":{"allowed_read_paths":[],"allowed_write_paths":[],"command_whitelist":[]}}',
  )
  expect(config.security).toMatchObject({ readPaths: [], writePaths: [[]], commandWhitelists: [[]] })
})

test('unknown keys are named, wrong values refused', () => {
  expect(readConfig('{"a":1,"security":{"b":2}}').warnings).toEqual([
    'unknown key "a" is ignored',
    'unknown key "security.b" is ignored',
  ])
  expect(() => readConfig('{"security":{"allowed_read_paths":["tmp"]}}')).toThrow(
    "the configuration's security.allowed_read_paths.0 is wrong: must be an absolute path",
  )
  for (const text of ['', '[]', 'null', '{"log_level":"loud"}', '{"security":[]}', '{"max_message_size_kb":1e9}']) {
    expect(() => readConfig(text)).toThrow('the configuration')
  }
})

test('every key is described for people, and what is described is a key', () => {
  const page = readFileSync(new URL('../../../docs/agent-config.md', import.meta.url), 'utf8')
  const described = [...page.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, keys = '']) => keys.match(/[a-z_]+/g) ?? [])
  const inHealth = ['enabled', 'interval_secs', 'telemetry_timeout_secs']
  for (const key of inHealth) expect(page).toContain(`\`${key}\``)
  expect([...described, ...inHealth, 'security'].toSorted()).toEqual(configKeys().toSorted())
})
