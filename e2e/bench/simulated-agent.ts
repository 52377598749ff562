/** What simulated Vireo agents have to say. */
/** What a Vireo agent says of itself. */
export const CAPABILITIES = {
  ...{
    agent: 'vireo',
    version: '0',
    protocol: 1,
    platform: 'linux',
    architecture: 'x86_64',
    user: 'root',
    privileged: true,
  },
  ...{ pid: 1, started_at_ms: 0, unavailable: [], restrictions: [] },
  methods: ['telemetry.get', 'telemetry.subscribe', 'exec.start', 'time.set'],
  limits: {
    ...{ max_message_bytes: 1024 * 1024, max_chunk_bytes: 65_536, max_concurrent_requests: 10 },
    ...{ max_command_timeout_seconds: null, max_file_bytes: null },
  },
}

/** A measurement with next to nothing in it. */
export const SAMPLE = {
  ...{
    time_ms: 0,
    cpu_percent: 1,
    cpu_count: 1,
    memory_total_bytes: 4,
    memory_available_bytes: 2,
    swap_total_bytes: 0,
  },
  ...{ swap_used_bytes: 0, load: [0, 0, 0], filesystems: [], interfaces: [], process_count: 1, uptime_seconds: 5 },
}
